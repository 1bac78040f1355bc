import { Alert, Button, type ButtonProps, Group, Stack } from "@mantine/core";
import { type ReactNode, useState } from "react";
import classes from "./kit.module.css";
import { Dialog } from "./layers";
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
  /** The step is not to be had any more: no button, but an open dialog stays and says so. */
  gone?: boolean;
  /** What the dialog is about; when it changes while it is open, that is said before anything. */
  about?: string;
  /** How things stand now, as a sentence. */
  now?: ReactNode;
  run: () => Promise<unknown>;
}

export function ConfirmButton(props: Props) {
  const { gone = false, about = "" } = props;
  const [opened, setOpened] = useState(false);
  const [seen, setSeen] = useState(about);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const close = () => setOpened(false);
  const start = () => {
    setError(null);
    setSeen(about);
    setOpened(true);
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
  // One's own step changes things, too, before its answer is here.
  const changed = opened && !busy && (gone || seen !== about);

  return (
    <>
      {!gone && (
        <Button onClick={start} {...props.button}>
          {props.label}
        </Button>
      )}
      <Dialog opened={opened} onClose={close} title={props.title}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (!changed && !props.disabled) void confirm();
          }}
        >
          <Stack gap={16}>
            {changed && (
              <Changed now={props.now} gone={gone} onLook={gone ? close : () => setSeen(about)} />
            )}
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
                disabled={changed || (props.disabled ?? false)}
                {...(props.danger ? { color: "red.8" } : {})}
              >
                {props.confirm}
              </Button>
            </Group>
          </Stack>
        </form>
      </Dialog>
    </>
  );
}

interface ChangedProps {
  now: ReactNode;
  gone: boolean;
  onLook: () => void;
}

/** Somebody else was faster: nothing closes without a word, and what was typed stays. */
function Changed({ now, gone, onLook }: ChangedProps) {
  return (
    <Alert color="yellow" variant="light" role="alert" title="This has changed while you were here">
      <Stack gap={12} align="flex-start">
        <span>
          {now} What you typed is still here
          {gone
            ? ", but this step cannot be taken any more."
            : "; look at it again before you go on."}
        </span>
        <Button size="xs" variant="default" onClick={onLook}>
          {gone ? "Look at what it is now" : "Look again"}
        </Button>
      </Stack>
    </Alert>
  );
}
