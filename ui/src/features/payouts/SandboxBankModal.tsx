import {
  Alert,
  Button,
  Group,
  NumberInput,
  type NumberInputProps,
  Stack,
  Switch,
} from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { auth, payouts } from "@/api/client";
import { keys } from "@/api/keys";
import type { SandboxBank } from "@/api/types";
import { Copy } from "@/kit/Copy";
import { Dialog } from "@/kit/layers";
import { ErrorBox, errorText, Lines } from "@/kit/states";

const FAULTS: [keyof SandboxBank["faults"], string, string][] = [
  ["timeout_before", "Timeout before it accepted", "The payment is lost; nothing was paid."],
  ["timeout_after", "Timeout after it accepted", "Paid, but we are not told: read back."],
  ["server_error", "Server error", "The bank answers 500; the outcome is unknown."],
  ["refused", "Refused", "The bank says no before anything moves; it can be paid again."],
  ["late_return", "Late return", "Paid first, sent back afterwards."],
];

/** Faults are used up while somebody looks. */
const LIVE = { staleTime: 0, refetchInterval: 1_500 };

export function SandboxBankModal({ onClose }: { onClose: () => void }) {
  const query = useQuery({ queryKey: keys.sandbox, queryFn: payouts.sandbox, ...LIVE });
  return (
    <Dialog opened onClose={onClose} title="Sandbox bank">
      {query.isPending ? (
        <Lines count={6} />
      ) : query.isError ? (
        <ErrorBox error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <>
          <Arrivals />
          <SandboxForm bank={query.data} onClose={onClose} />
        </>
      )}
    </Dialog>
  );
}

/** The demo's new deals; the switch works at once, and not by Save. */
function Arrivals() {
  const client = useQueryClient();
  const { data, error } = useQuery({
    queryKey: keys.simulator,
    queryFn: async () => (await auth.demo()).simulator,
    staleTime: 0,
  });
  const turn = useMutation({
    mutationFn: auth.setSimulator,
    onSuccess: (after) => client.setQueryData(keys.simulator, after),
  });
  if (!data) return error ? <p role="alert">{errorText(error)}</p> : <Lines count={1} />;
  return (
    <Stack gap={8} mb={16}>
      <Switch
        label={`New deals arrive by themselves: one every ${data.every_seconds} s`}
        checked={turn.isPending ? turn.variables : data.running}
        onChange={(event) => turn.mutate(event.currentTarget.checked)}
      />
      {turn.isError && (
        <Alert color="red" variant="light" role="alert">
          {errorText(turn.error)}
        </Alert>
      )}
    </Stack>
  );
}

interface CountProps extends Pick<NumberInputProps, "label" | "description" | "max" | "step"> {
  value: number;
  onCount: (value: number) => void;
}

/** A count from 0. While it is empty it stays empty: a 0 in it would become a part of what is typed. */
function Count({ value, onCount, ...field }: CountProps) {
  const [empty, setEmpty] = useState(false);
  return (
    <NumberInput
      {...field}
      min={0}
      allowDecimal={false}
      value={empty ? "" : value}
      onChange={(next) => {
        setEmpty(next === "");
        onCount(Math.max(0, Math.round(Number(next) || 0)));
      }}
      onBlur={() => setEmpty(false)}
    />
  );
}

/** Accounts that this bank never pays to, whatever else is set: a fault for one deal only. */
const ACCOUNTS: [string, string][] = [
  ["DE62370400440532013001", "No such account"],
  ["DE35370400440532013002", "Account closed"],
];

function Aimed() {
  return (
    <div style={{ fontSize: 13 }}>
      <div className="muted">To aim at one deal, pay it to one of these accounts:</div>
      {ACCOUNTS.map(([account, what]) => (
        <div key={account}>
          {what}: <Copy text={account} label={`account: ${what.toLowerCase()}`} />
        </div>
      ))}
    </div>
  );
}

function SandboxForm({ bank, onClose }: { bank: SandboxBank; onClose: () => void }) {
  // Only what was touched: the other counts go on by themselves, and saving must not wind them back.
  const [delay, setDelay] = useState<number>();
  const [faults, setFaults] = useState<Partial<SandboxBank["faults"]>>({});
  const draft = {
    settlement_delay_ms: delay ?? bank.settlement_delay_ms,
    faults: { ...bank.faults, ...faults },
  };
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => payouts.setSandbox(draft),
    onSuccess: (saved) => {
      client.setQueryData(keys.sandbox, saved);
      onClose();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap={16}>
        <Count
          label="Settlement takes (ms)"
          max={600_000}
          step={500}
          value={draft.settlement_delay_ms}
          onCount={setDelay}
        />
        <div className="muted" style={{ fontSize: 13 }}>
          Faults hit this many of the next calls, whichever deal they are for; each one counts down
          here as it is used.
        </div>
        {FAULTS.map(([name, label, description]) => (
          <Count
            key={name}
            label={label}
            description={description}
            max={100}
            value={draft.faults[name] ?? 0}
            onCount={(value) => setFaults({ ...faults, [name]: value })}
          />
        ))}
        <Aimed />
        {save.isError && (
          <Alert color="red" variant="light" role="alert">
            {errorText(save.error)}
          </Alert>
        )}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
