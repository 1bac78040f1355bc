/** The three states of a view that are not its data. */
import { Button, Skeleton, Stack } from "@mantine/core";
import { IconAlertTriangle, IconRefresh } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { ApiError } from "@/api/http";
import { Copy } from "./Copy";
import classes from "./kit.module.css";

interface EmptyProps {
  icon?: ReactNode;
  title: string;
  text?: ReactNode;
  action?: ReactNode;
}

export function Empty({ icon, title, text, action }: EmptyProps) {
  return (
    <div className={classes.center}>
      {icon && <div className={classes.centerIcon}>{icon}</div>}
      <div className={classes.centerTitle}>{title}</div>
      {text && <div className={classes.centerText}>{text}</div>}
      {action}
    </div>
  );
}

export function ErrorBox({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const known = error instanceof ApiError ? error : null;
  return (
    <div className={classes.center} role="alert">
      <div className={classes.centerIcon} data-bad>
        <IconAlertTriangle size={20} />
      </div>
      <div className={classes.centerTitle}>{known?.message ?? "Something went wrong here."}</div>
      <div className={classes.centerText}>
        {known ? known.code : String(error)}
        {known?.requestId && (
          <div>
            Request <Copy text={known.requestId} label="request id" />
          </div>
        )}
      </div>
      {onRetry && (
        <Button variant="default" leftSection={<IconRefresh size={16} />} onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

export function Lines({ count = 3, height = 16 }: { count?: number; height?: number }) {
  return (
    <Stack gap={12} aria-label="Loading" role="status">
      {Array.from({ length: count }, (_, index) => (
        <Skeleton key={index} height={height} width={`${96 - ((index * 17) % 40)}%`} />
      ))}
    </Stack>
  );
}

/** One line of an error inside a form, beside the button that caused it. */
export function errorText(error: unknown): string | null {
  if (!error) return null;
  if (error instanceof ApiError) return error.message;
  return error instanceof Error ? error.message : String(error);
}
