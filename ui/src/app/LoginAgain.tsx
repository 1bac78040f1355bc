import { Alert, Anchor, Button, Group, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useWindowEvent } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { auth } from "@/api/client";
import { keys } from "@/api/keys";
import { meQuery } from "@/api/me";
import { seat } from "@/api/seat";
import { errorText } from "@/kit/states";
import { useMe } from "./session";

/** The way back into a session that has ended, without leaving the page. */
export function LoginAgain({ onBack }: { onBack: () => void }) {
  const me = useMe();
  const client = useQueryClient();
  const back = async () => {
    const now = await auth.me();
    if (now.id !== me.id) {
      // Nothing of one person is shown to the next.
      window.location.assign("/");
      return;
    }
    client.setQueryData(meQuery.queryKey, now);
    onBack();
    await client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== keys.me[0] });
  };
  // Logged in again in another tab: this one goes on by itself.
  useWindowEvent("focus", () => void back().catch(() => undefined));
  if (seat.get()) {
    return (
      <p style={{ margin: 0 }}>
        This tab spoke for {me.display_name}, and its time is over. Close it, and open it again from
        the deal.
      </p>
    );
  }
  return <Password username={me.username} onDone={back} />;
}

function Password({ username, onDone }: { username: string; onDone: () => Promise<void> }) {
  const [name, setName] = useState(username);
  const [password, setPassword] = useState("");
  const login = useMutation({
    mutationFn: async () => {
      await auth.login(name.trim(), password);
      await onDone();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        login.mutate();
      }}
    >
      <Stack gap={16}>
        <p style={{ margin: 0 }}>
          What you typed is still here. Log in again to go on where you are.
        </p>
        <TextInput
          label="Username"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          autoComplete="username"
          required
        />
        <PasswordInput
          label="Password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="current-password"
          data-autofocus
          required
        />
        {login.isError && (
          <Alert color="red" variant="light" role="alert">
            {errorText(login.error)}
          </Alert>
        )}
        <Group justify="space-between">
          <Anchor href="/login" target="_blank" size="sm">
            Log in another way, in a new tab
          </Anchor>
          <Button type="submit" loading={login.isPending}>
            Log in and go on
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
