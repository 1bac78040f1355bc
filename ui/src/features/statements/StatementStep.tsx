import { Alert, Button, Checkbox, Group, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { statements } from "@/api/client";
import { keys } from "@/api/keys";
import type { DemoSample, Statement } from "@/api/types";
import { formatMoney } from "@/kit/money";
import { errorText } from "@/kit/states";
import { Confirmations } from "./Confirmations";
import { askedBy, settled } from "./confirmations";
import { DropZone } from "./DropZone";
import classes from "./statements.module.css";
import { moneyOf } from "./totals";
import { UploadCard } from "./UploadCard";
import { busy, usable } from "./uploads";
import { useConfirm } from "./useConfirm";
import type { useUploads } from "./useUploads";

interface Props {
  creatorId: string;
  samples: DemoSample[];
  uploads: ReturnType<typeof useUploads>;
  /** Statements of earlier days that this offer uses too. */
  reused: Statement[];
  onReused: (statements: Statement[]) => void;
  onBack: () => void;
  onConfirmed: (statements: Statement[]) => void;
}

export function StatementStep(props: Props) {
  const { creatorId, uploads, reused, onConfirmed } = props;
  const fresh = usable(uploads.list);
  const all = [...reused.filter((each) => !fresh.some((one) => one.id === each.id)), ...fresh];
  const { confirm, asked, yes, say } = useConfirm(creatorId, all, uploads.update, onConfirmed);
  const refused = confirm.isError && !askedBy(confirm.error);
  const count = `${all.length} ${all.length === 1 ? "statement" : "statements"}`;
  return (
    <Stack gap={16}>
      <DropZone samples={props.samples} onFiles={uploads.add} />
      {uploads.list.map((upload) => (
        <UploadCard
          key={upload.key}
          upload={upload}
          onRemove={() => uploads.remove(upload.key)}
          onUpdate={uploads.update}
        />
      ))}
      <Earlier {...props} hidden={fresh} />
      <Confirmations statements={all} asked={asked} yes={yes} onYes={say} />
      {refused && (
        <Alert color="red" variant="light" role="alert">
          {errorText(confirm.error)}
        </Alert>
      )}
      <Group justify="flex-end" gap={8}>
        <Button variant="default" onClick={props.onBack}>
          Back
        </Button>
        <Button
          disabled={all.length === 0 || busy(uploads.list) || !settled(all, asked, yes)}
          loading={confirm.isPending}
          onClick={() => confirm.mutate()}
        >
          {all.length === 0 ? "Confirm" : `Confirm ${count}`}
        </Button>
      </Group>
    </Stack>
  );
}

type EarlierProps = Pick<Props, "creatorId" | "reused" | "onReused"> & { hidden: Statement[] };

function Earlier({ creatorId, reused, onReused, hidden }: EarlierProps) {
  const query = useQuery({
    queryKey: keys.statements.list(creatorId),
    queryFn: () => statements.list(creatorId),
  });
  const known = (query.data?.data ?? []).filter(
    (each) => each.status === "confirmed" && !hidden.some((one) => one.id === each.id),
  );
  if (known.length === 0) return null;
  const named = (each: Statement) => {
    const total = moneyOf(each);
    return total ? `${each.file_name}, ${formatMoney(total)}` : each.file_name;
  };
  return (
    <section aria-label="Statements from before" className={classes.known}>
      <div className={classes.label}>Confirmed before; choose what this offer uses</div>
      {known.map((each) => (
        <Checkbox
          key={each.id}
          size="sm"
          checked={reused.some((one) => one.id === each.id)}
          onChange={(event) =>
            onReused(
              event.currentTarget.checked
                ? [...reused, each]
                : reused.filter((one) => one.id !== each.id),
            )
          }
          label={named(each)}
          description={each.format_name}
        />
      ))}
    </section>
  );
}
