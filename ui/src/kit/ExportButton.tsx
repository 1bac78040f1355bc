import { ActionIcon, Loader, Tooltip } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { Page } from "@/api/types";
import { download } from "./csv";
import classes from "./kit.module.css";
import { formatCount } from "./money";
import { errorText } from "./states";

interface Props<T> {
  /** What the button is called. */
  label: string;
  fileName: string;
  page: (cursor: string | null) => Promise<Page<T>>;
  toCsv: (rows: T[]) => string;
  disabled?: boolean;
}

/** More than this is a matter for the API, and would fill the memory of the browser. */
const MOST_PAGES = 2_000;

/** Every page of a list, one after the other. */
export async function allPages<T>(
  page: Props<T>["page"],
  onCount: (count: number) => void,
): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | null = null;
  for (let n = 0; n < MOST_PAGES; n += 1) {
    const next: Page<T> = await page(cursor);
    all.push(...next.data);
    onCount(all.length);
    if (!next.has_more || !next.next) return all;
    cursor = next.next;
  }
  throw new Error(`These are more than ${formatCount(all.length)} rows; narrow the filter.`);
}

/** Everything that the filter matches as CSV, and not only what is loaded. */
export function ExportButton<T>({ label, fileName, page, toCsv, disabled }: Props<T>) {
  const [count, setCount] = useState(0);
  const run = useMutation({
    mutationFn: async () => {
      setCount(0);
      download(fileName, toCsv(await allPages(page, setCount)));
    },
  });
  const word = run.isPending
    ? `${formatCount(count)} rows so far`
    : run.isError
      ? errorText(run.error)
      : null;
  return (
    <span className={classes.export}>
      {word !== null && (
        <span role={run.isError ? "alert" : "status"} className="num">
          {word}
        </span>
      )}
      <Tooltip label="Export all that the filter matches as CSV">
        <ActionIcon
          size={32}
          aria-label={label}
          aria-busy={run.isPending}
          disabled={disabled ?? false}
          onClick={() => !run.isPending && run.mutate()}
        >
          {run.isPending ? <Loader size={16} /> : <IconDownload size={18} />}
        </ActionIcon>
      </Tooltip>
    </span>
  );
}
