import { CloseButton, Progress } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconFileUnknown } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Statement } from "@/api/types";
import { Copy } from "@/kit/Copy";
import { Money } from "@/kit/Money";
import { formatAmount, formatCount } from "@/kit/money";
import { Sparkline } from "@/kit/Sparkline";
import { monthName } from "@/kit/time";
import { bytes } from "@/kit/words";
import { MappingForm } from "./MappingForm";
import classes from "./statements.module.css";
import { moneyOf } from "./totals";
import type { Upload } from "./uploads";

interface Props {
  upload: Upload;
  onRemove: () => void;
  onUpdate: (statement: Statement) => void;
}

export function UploadCard({ upload, onRemove, onUpdate }: Props) {
  return (
    <article className={classes.upload} aria-label={upload.name} data-state={upload.state}>
      <div className={classes.uploadHead}>
        <StateIcon upload={upload} />
        <div style={{ minWidth: 0, flex: 1 }}>
          <div className={classes.fileName}>{upload.name}</div>
          <div className={classes.small}>{headline(upload)}</div>
        </div>
        <CloseButton aria-label={`Remove ${upload.name}`} onClick={onRemove} />
      </div>
      <UploadBody upload={upload} onUpdate={onUpdate} />
    </article>
  );
}

function headline({ state, size, statement, known, progress }: Upload): string {
  if (state === "uploading") return `${bytes(size)}, ${Math.round(progress * 100)}% sent`;
  if (state === "reading") return `${bytes(size)}, reading the rows`;
  if (state === "refused" || !statement) return bytes(size);
  const parts = [statement.format_name, bytes(statement.size_bytes)];
  if (known) parts.push("already uploaded before, used again");
  return parts.filter(Boolean).join(" · ");
}

function StateIcon({ upload }: { upload: Upload }) {
  if (upload.state === "refused") {
    return <IconAlertTriangle size={20} color="var(--k-bad)" aria-label="Refused" />;
  }
  if (upload.statement?.status === "needs_mapping") {
    return <IconFileUnknown size={20} color="var(--k-warn)" aria-label="Needs columns" />;
  }
  if (upload.statement) {
    return <IconCircleCheck size={20} color="var(--k-good)" aria-label="Read" />;
  }
  return null;
}

function UploadBody({ upload, onUpdate }: Omit<Props, "onRemove">): ReactNode {
  const { statement } = upload;
  if (upload.state === "refused") {
    return (
      <div className={classes.refused} role="alert">
        <ul>
          {upload.reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
        {upload.requestId && (
          <div className={classes.small}>
            Request <Copy text={upload.requestId} label="request id" />
          </div>
        )}
      </div>
    );
  }
  if (!statement) {
    return (
      <Progress
        value={upload.progress * 100}
        animated={upload.state === "reading"}
        aria-label={`Progress of ${upload.name}`}
        size={6}
      />
    );
  }
  if (statement.status === "needs_mapping" && statement.layout) {
    return <MappingForm statement={statement} layout={statement.layout} onMapped={onUpdate} />;
  }
  return <Totals statement={statement} />;
}

function Totals({ statement }: { statement: Statement }) {
  const open = statement.months.at(-1)?.complete === false;
  return (
    <>
      <Tables statement={statement} />
      <div className={classes.totals}>
        <Total label="Total">
          <Money value={moneyOf(statement)} weight={620} />
          {statement.total && (
            <span className={classes.small} style={{ display: "block" }}>
              exactly {formatAmount(statement.total.amount)}
            </span>
          )}
        </Total>
        <Total label="Rows">{formatCount(statement.rows)}</Total>
        <Total label="Works">{formatCount(statement.works_count)}</Total>
        <Total label="Countries">{formatCount(statement.countries_count)}</Total>
        <Total label="Months">
          {statement.period &&
            `${monthName(statement.period.from)} to ${monthName(statement.period.to)}`}
        </Total>
        <div className={classes.spark}>
          <Sparkline
            values={statement.months.map((each) => Number(each.amount))}
            label={`Earnings of ${statement.months.length} months`}
            width={112}
            height={32}
            lastOpen={open}
          />
        </div>
      </div>
      <Warnings statement={statement} />
    </>
  );
}

/** Sheets or members of an archive: what was not read stands before the totals. */
function Tables({ statement }: { statement: Statement }) {
  const { tables, tables_left_out: missing } = statement;
  if (tables.length + missing.length === 0) return null;
  return (
    <div className={classes.small}>
      {tables.length > 0 && <div>Read: {tables.join(", ")}</div>}
      {missing.length > 0 && <div role="note">Not read: {missing.join(", ")}</div>}
    </div>
  );
}

function Total({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <div className={classes.label}>{label}</div>
      <div className="num">{children}</div>
    </div>
  );
}

function Warnings({ statement }: { statement: Statement }) {
  const { warnings, warnings_total: total } = statement;
  if (total === 0) return null;
  return (
    <details className={classes.warnings}>
      <summary>
        {total} {total === 1 ? "warning" : "warnings"}
      </summary>
      <ul>
        {warnings.map((warning, index) => (
          <li key={index}>
            <span className="num">{warning.line > 0 ? `Line ${warning.line}` : "The file"}</span>
            {warning.column && `, ${warning.column}`}: {warning.message}
          </li>
        ))}
        {total > warnings.length && <li>and {formatCount(total - warnings.length)} more</li>}
      </ul>
    </details>
  );
}
