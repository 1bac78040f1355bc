import { Alert, Button, type ButtonProps, Group, Modal, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type ReactNode, useState } from "react";
import classes from "./kit.module.css";
import { errorText } from "./states";

interface Props {
  label: string;
  /** What the last button says; with the amount where money moves. */
  confirm: string;
  title: string;
  /** What will happen, and to whom. */
  effect: ReactNode;
  danger?: boolean;
  disabled?: boolean;
  children?: ReactNode;
  button?: ButtonProps;
  run: () => Promise<unknown>;
}

export function ConfirmButton(props: Props) {
  const [opened, { open, close }] = useDisclosure(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const start = () => {
    setError(null);
    open();
  };
  const confirm = async () => {
    setBusy(true);
    setError(null);
    try {
      await props.run();
      close();
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };

  return (
    <>
      <Button onClick={start} {...props.button}>
        {props.label}
      </Button>
      <Modal opened={opened} onClose={close} title={props.title} closeButtonProps={closeLabel}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void confirm();
          }}
        >
          <Stack gap={16}>
            <div className={classes.effect}>{props.effect}</div>
            {props.children}
            {error !== null && (
              <Alert color="red" variant="light" role="alert">
                {errorText(error)}
              </Alert>
            )}
            <Group justify="flex-end" gap={8}>
              <Button variant="default" onClick={close}>
                Cancel
              </Button>
              <Button
                type="submit"
                loading={busy}
                disabled={props.disabled ?? false}
                {...(props.danger ? { color: "red.8" } : {})}
              >
                {props.confirm}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}

const closeLabel = { "aria-label": "Close" };
