import { Button, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { keys } from "@/api/keys";
import type { Creator } from "@/api/types";
import { RecipientForm } from "./RecipientForm";

/** Where the money goes; without an account there is nowhere to pay to. */
export function RecipientButton({ offerId, creator }: { offerId: string; creator: Creator }) {
  const [opened, { open, close }] = useDisclosure(false);
  const client = useQueryClient();
  return (
    <>
      <Button onClick={open} variant={creator.recipient ? "default" : "filled"}>
        {creator.recipient ? "Change account" : "Add recipient account"}
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={`Where ${creator.display_name} is paid`}
        closeButtonProps={{ "aria-label": "Close" }}
      >
        <RecipientForm
          creatorId={creator.id}
          holder={creator.display_name}
          onSaved={async () => {
            await client.invalidateQueries({ queryKey: keys.offers.one(offerId) });
            close();
          }}
        />
      </Modal>
    </>
  );
}
