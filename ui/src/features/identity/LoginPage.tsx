import { Alert, Button, PasswordInput, TextInput } from "@mantine/core";
import { IconArrowRight } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { auth } from "@/api/client";
import type { Issuer } from "@/api/types";
import type { Demo, DemoLogin } from "@/api/types";
import { Initials } from "@/kit/Initials";
import { errorText } from "@/kit/states";
import { words } from "@/kit/words";
import { issuerLink, loginErrorText } from "./issuers";
import classes from "./login.module.css";

interface Props {
  brand: ReactNode;
  demo: Demo | null;
  issuers: Issuer[];
  /** Where to go after the login. */
  to: string;
  /** The code of a login elsewhere that did not work. */
  error?: string | undefined;
  onDone: () => Promise<void>;
}

interface Credentials {
  username: string;
  password: string;
}

export function LoginPage({ brand, demo, issuers, to, error, onDone }: Props) {
  const [typed, setTyped] = useState<Credentials>({ username: "", password: "" });
  const login = useMutation({
    mutationFn: async ({ username, password }: Credentials) => {
      await auth.login(username, password);
      await onDone();
    },
  });
  return (
    <main className={classes.page}>
      <div className={classes.column}>
        <div className={classes.brand}>
          {brand}
          <h1>Log in to Kontor</h1>
        </div>
        {error && login.isIdle && <Refused code={error} />}
        <form
          className={classes.form}
          onSubmit={(event) => {
            event.preventDefault();
            login.mutate(typed);
          }}
        >
          <TextInput
            label="Username"
            autoComplete="username"
            autoCapitalize="none"
            value={typed.username}
            onChange={(event) => setTyped({ ...typed, username: event.currentTarget.value })}
            required
            withAsterisk={false}
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            value={typed.password}
            onChange={(event) => setTyped({ ...typed, password: event.currentTarget.value })}
            visibilityToggleButtonProps={{ "aria-label": "Show password" }}
            size="sm"
            required
            withAsterisk={false}
          />
          {login.isError && (
            <Alert color="red" variant="light" role="alert">
              {errorText(login.error)}
            </Alert>
          )}
          <Button
            type="submit"
            fullWidth
            loading={login.isPending && !demoChosen(demo, login.variables)}
          >
            Log in
          </Button>
        </form>
        <Issuers issuers={issuers} to={to} />
        {demo && (
          <DemoLogins
            logins={demo.logins}
            busy={login.isPending ? login.variables.username : null}
            onChoose={(each) => login.mutate(each)}
          />
        )}
      </div>
    </main>
  );
}

function Refused({ code }: { code: string }) {
  return (
    <Alert color="red" variant="light" role="alert" mb={16}>
      {loginErrorText(code)}
    </Alert>
  );
}

function Issuers({ issuers, to }: Pick<Props, "issuers" | "to">) {
  if (issuers.length === 0) return null;
  return (
    <section className={classes.issuers} aria-label="Other ways to log in">
      {issuers.map((each) => (
        <Button
          key={each.name}
          component="a"
          href={issuerLink(each, to)}
          variant="default"
          fullWidth
        >
          Log in with {each.title}
        </Button>
      ))}
    </section>
  );
}

function demoChosen(demo: Demo | null, chosen: Credentials | undefined): boolean {
  return (demo?.logins ?? []).some((each) => each.username === chosen?.username);
}

interface DemoProps {
  logins: DemoLogin[];
  busy: string | null;
  onChoose: (login: DemoLogin) => void;
}

function DemoLogins({ logins, busy, onChoose }: DemoProps) {
  return (
    <section className={classes.demo} aria-label="Demo logins">
      <h2>This is a demo. Look around as:</h2>
      <ul>
        {logins.map((login) => (
          <li key={login.username}>
            <button
              type="button"
              className={classes.login}
              disabled={busy !== null}
              aria-busy={busy === login.username}
              onClick={() => onChoose(login)}
            >
              <Initials name={words(login.role)} size={28} />
              <span className={classes.loginText}>
                <span className={classes.role}>{words(login.role)}</span>
                <span className={classes.description}>{login.description}</span>
              </span>
              <IconArrowRight size={16} className={classes.arrow} aria-hidden />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
