import { Alert, Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { keys } from "@/api/keys";
import type { Creator } from "@/api/types";
import { Dialog } from "@/kit/layers";
import { RecipientForm } from "./RecipientForm";

/** Where the money goes; without an account there is nowhere to pay to. */
interface Props {
  offerId: string;
  creator: Creator;
  /** No button; an open form stays, and says what has changed. */
  gone: boolean;
}

export function RecipientButton({ offerId, creator, gone }: Props) {
  const [opened, { open, close }] = useDisclosure(false);
  const client = useQueryClient();
  const known = creator.recipient?.account_masked;
  const [seen, setSeen] = useState(known);
  const start = () => {
    setSeen(known);
    open();
  };
  return (
    <>
      {!gone && (
        <Button onClick={start} variant={creator.recipient ? "default" : "filled"}>
          {creator.recipient ? "Change account" : "Add recipient account"}
        </Button>
      )}
      <Dialog opened={opened} onClose={close} title={`Where ${creator.display_name} is paid`}>
        {known !== seen && (
          <Alert color="yellow" variant="light" role="alert" mb={16} title="Somebody was faster">
            {known ? `There is an account by now: ${known}.` : "The account was taken away."} What
            you typed is still here; saving it replaces that one.
          </Alert>
        )}
        <RecipientForm
          creatorId={creator.id}
          holder={creator.display_name}
          onSaved={async () => {
            await client.invalidateQueries({ queryKey: keys.offers.one(offerId) });
            close();
          }}
        />
      </Dialog>
    </>
  );
}
