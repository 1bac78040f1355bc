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
  /** Where it is all there is on the page. */
  heading?: boolean;
}

export function Empty({ icon, title, text, action, heading }: EmptyProps) {
  const Title = heading ? "h1" : "div";
  return (
    <div className={classes.center}>
      {icon && <div className={classes.centerIcon}>{icon}</div>}
      <Title className={classes.centerTitle}>{title}</Title>
      {text && <div className={classes.centerText}>{text}</div>}
      {action}
    </div>
  );
}

/** What may help, in words: codes and stacks are for the log. */
function hint(error: ApiError | null): string {
  if (!error) return "Load the page again; if it happens again, tell whoever runs this house.";
  if (error.status === 0) return "This page goes on by itself as soon as the network is back.";
  if (error.status === 401) return "Log in again to go on.";
  if (error.status === 403) return "Your role does not cover this.";
  if (error.status === 404) return "It may have been a link that is old or mistyped.";
  if (error.status >= 500) return "It is not your doing. Try again in a moment.";
  return "";
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
        {hint(known)}
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
