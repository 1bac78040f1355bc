import { Alert, Button, PasswordInput, Stack } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { auth } from "@/api/client";
import { keys } from "@/api/keys";
import { meQuery } from "@/api/me";
import type { Session } from "@/api/types";
import { ConfirmButton } from "@/kit/ConfirmButton";
import { Dialog } from "@/kit/layers";
import { ErrorBox, errorText, Lines } from "@/kit/states";
import { useOwnSessions } from "./users/hooks";
import { SessionList } from "./users/SessionList";
import classes from "./users/users.module.css";
import { inWords, passwordProblem, told } from "./users/words";

/** One's own password, and where one is logged in. */
export function OwnAccount({ onClose }: { onClose: () => void }) {
  const me = useQuery(meQuery).data;
  // Names of people whom another house knows end in `@` and its name.
  const [, issuer] = me?.username.split("@") ?? [];
  return (
    <Dialog opened onClose={onClose} title="Password and sessions" size="lg">
      <Stack gap={24}>
        {issuer ? (
          <p className={classes.note}>Your password is kept by {issuer}. Change it there.</p>
        ) : (
          <ChangePassword username={me?.username ?? ""} />
        )}
        <OwnSessions />
      </Stack>
    </Dialog>
  );
}

const START = { current: "", next: "", again: "" };

/** What is wrong with what was typed, or null. */
function problem({ current, next, again }: typeof START) {
  return {
    next:
      next !== "" && next === current
        ? "This is the password that you have now."
        : passwordProblem(next),
    again: again === next ? null : "This is not the same as above.",
  };
}

function ChangePassword({ username }: { username: string }) {
  const client = useQueryClient();
  const [typed, setTyped] = useState(START);
  const [left, setLeft] = useState<Partial<Record<keyof typeof START, boolean>>>({});
  const wrong = problem(typed);
  const change = useMutation({
    mutationFn: () => auth.changePassword(typed.current, typed.next),
    onSuccess: () => {
      setTyped(START);
      setLeft({});
      void client.invalidateQueries({ queryKey: keys.users.own });
    },
  });
  const ready = typed.current !== "" && wrong.next === null && wrong.again === null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) change.mutate();
  };
  const field = (name: keyof typeof START, error: string | null = null) => ({
    value: typed[name],
    onChange: (event: { currentTarget: HTMLInputElement }) => {
      change.reset();
      setTyped({ ...typed, [name]: event.currentTarget.value });
    },
    onBlur: () => setLeft({ ...left, [name]: true }),
    error: left[name] === true && typed[name] !== "" && error,
    required: true,
  });
  return (
    <form onSubmit={submit} aria-label="Change password">
      <Stack gap={16}>
        {/* So that a password manager knows whose it is. */}
        <input hidden readOnly autoComplete="username" value={username} />
        <PasswordInput
          label="Current password"
          autoComplete="current-password"
          visibilityToggleButtonProps={{ "aria-label": "Show current password" }}
          data-autofocus
          {...field("current")}
        />
        <PasswordInput
          label="New password"
          description="12 to 128 characters. Your other sessions end; this one stays."
          autoComplete="new-password"
          visibilityToggleButtonProps={{ "aria-label": "Show new password" }}
          {...field("next", wrong.next)}
        />
        <PasswordInput
          label="New password again"
          autoComplete="new-password"
          visibilityToggleButtonProps={{ "aria-label": "Show repeated password" }}
          {...field("again", wrong.again)}
        />
        {change.isError && (
          <Alert color="red" variant="light" role="alert">
            {errorText(inWords(change.error, username))}
          </Alert>
        )}
        {change.isSuccess && (
          <Alert color="green" variant="light" role="status">
            The password is changed. Your other sessions have ended.
          </Alert>
        )}
        <Button type="submit" loading={change.isPending} disabled={!ready} ml="auto">
          Change password
        </Button>
      </Stack>
    </form>
  );
}

function OwnSessions() {
  const query = useOwnSessions();
  return (
    <section aria-label="Your sessions">
      <h3 style={{ margin: "0 0 8px", fontSize: 14, fontWeight: 600 }}>Your sessions</h3>
      {query.isPending ? (
        <Lines count={3} />
      ) : query.isError && !query.data ? (
        <ErrorBox error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data.data.length === 0 ? (
        <p className={classes.note}>There is none: this house asks nobody who they are.</p>
      ) : (
        <div className={classes.boxed}>
          <SessionList
            label="Your sessions"
            sessions={query.data.data}
            action={(session) => <EndOne session={session} />}
          />
        </div>
      )}
    </section>
  );
}

function EndOne({ session }: { session: Session }) {
  const client = useQueryClient();
  const from = session.address ?? "an address that is not known";
  return (
    <ConfirmButton
      label="End"
      title="End this session"
      confirm="End session"
      danger
      button={{ variant: "default", size: "xs" }}
      effect={
        <p>Whoever uses the session from {from} is logged out at once. This one, here, stays.</p>
      }
      run={async () => {
        await told("you", auth.endSession(session.id));
        await client.invalidateQueries({ queryKey: keys.users.own });
      }}
    />
  );
}
