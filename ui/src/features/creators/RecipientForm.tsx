import { Alert, Button, SegmentedControl, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { creators } from "@/api/client";
import type { Recipient, RecipientKind } from "@/api/types";
import { errorText } from "@/kit/states";

interface Props {
  creatorId: string;
  holder: string;
  onSaved: (recipient: Recipient) => Promise<void> | void;
}

export function RecipientForm({ creatorId, holder, onSaved }: Props) {
  const [name, setName] = useState(holder);
  const [kind, setKind] = useState<RecipientKind>("iban");
  const [account, setAccount] = useState("");
  const save = useMutation({
    mutationFn: async () => {
      const body = { holder_name: name.trim(), kind, account: account.replace(/\s/g, "") };
      await onSaved(await creators.addRecipient(creatorId, body));
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
        <TextInput
          label="Account holder"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          required
        />
        <SegmentedControl
          aria-label="Kind of account"
          value={kind}
          onChange={(next) => setKind(next as RecipientKind)}
          data={[
            { value: "iban", label: "IBAN" },
            { value: "account_number", label: "Account number" },
          ]}
        />
        <TextInput
          label={kind === "iban" ? "IBAN" : "Account number"}
          description="It is stored apart and shown masked from now on."
          value={account}
          onChange={(event) => setAccount(event.currentTarget.value)}
          autoComplete="off"
          required
        />
        {save.isError && (
          <Alert color="red" variant="light" role="alert">
            {errorText(save.error)}
          </Alert>
        )}
        <Button type="submit" loading={save.isPending} disabled={account.trim().length < 4}>
          Save account
        </Button>
      </Stack>
    </form>
  );
}
