import { Alert, Button, Group, Modal, NumberInput, Stack } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { payouts } from "@/api/client";
import { keys } from "@/api/keys";
import type { SandboxBank } from "@/api/types";
import { ErrorBox, errorText, Lines } from "@/kit/states";

const FAULTS: [keyof SandboxBank["faults"], string, string][] = [
  ["timeout_before", "Timeout before it accepted", "The payment is lost; nothing was paid."],
  ["timeout_after", "Timeout after it accepted", "Paid, but we are not told: read back."],
  ["server_error", "Server error", "The bank answers 500; the outcome is unknown."],
  ["refused", "Refused", "The bank says no before anything moves; it can be paid again."],
  ["late_return", "Late return", "Paid first, sent back afterwards."],
];

export function SandboxBankModal({ onClose }: { onClose: () => void }) {
  const query = useQuery({ queryKey: keys.sandbox, queryFn: payouts.sandbox, staleTime: 0 });
  return (
    <Modal
      opened
      onClose={onClose}
      title="Sandbox bank"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {query.isPending ? (
        <Lines count={6} />
      ) : query.isError ? (
        <ErrorBox error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <SandboxForm bank={query.data} onClose={onClose} />
      )}
    </Modal>
  );
}

function SandboxForm({ bank, onClose }: { bank: SandboxBank; onClose: () => void }) {
  const [draft, setDraft] = useState(bank);
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => payouts.setSandbox(draft),
    onSuccess: (saved) => {
      client.setQueryData(keys.sandbox, saved);
      onClose();
    },
  });
  const number = (value: string | number) => Math.max(0, Math.round(Number(value) || 0));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap={16}>
        <NumberInput
          label="Settlement takes (ms)"
          min={0}
          max={600_000}
          step={500}
          value={draft.settlement_delay_ms}
          onChange={(value) => setDraft({ ...draft, settlement_delay_ms: number(value) })}
        />
        <div className="muted" style={{ fontSize: 13 }}>
          Faults hit this many of the next calls:
        </div>
        {FAULTS.map(([name, label, description]) => (
          <NumberInput
            key={name}
            label={label}
            description={description}
            min={0}
            max={100}
            value={draft.faults[name] ?? 0}
            onChange={(value) =>
              setDraft({ ...draft, faults: { ...draft.faults, [name]: number(value) } })
            }
          />
        ))}
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
