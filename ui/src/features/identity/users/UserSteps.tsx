/** What an admin does to a login; each step says what will happen, and to whom. */
import { useState } from "react";
import { users } from "@/api/client";
import type { User } from "@/api/types";
import { ConfirmButton } from "@/kit/ConfirmButton";
import { useOnce } from "@/kit/once";
import { useChanged } from "./hooks";
import { PasswordField } from "./PasswordField";
import { Reason } from "./Reason";
import { RoleBoxes } from "./RoleBoxes";
import { ending, passwordProblem, roleWords, told } from "./words";

export interface StepProps {
  user: User;
  /** Whoever looks at it looks at himself. */
  own: boolean;
  /** How many live; undefined while nobody knows. */
  sessions: number | undefined;
}

/** Somebody else may change the same login meanwhile. */
const standing = ({ username, roles, disabled }: User) => ({
  about: JSON.stringify([roles, disabled]),
  now: `${username} is now ${disabled ? "disabled" : "active"}, with the roles: ${roleWords(roles)}.`,
});

const upper = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

export function DisableUser({ user, sessions }: StepProps) {
  const { id, username, disabled } = user;
  const once = useOnce("disable-user");
  const changed = useChanged();
  const [reason, setReason] = useState("");
  const why = reason.trim();
  return (
    <ConfirmButton
      label="Disable"
      title={`Disable ${username}`}
      confirm={`Disable ${username}`}
      danger
      button={{ variant: "default" }}
      disabled={why === ""}
      gone={disabled}
      {...standing(user)}
      effect={
        <>
          <p>
            Disable {username}: {ending(sessions)}.
          </p>
          <p>
            {username} cannot log in until somebody enables this login again. What was done with it
            stays as it is.
          </p>
        </>
      }
      run={async () => {
        const send = (key: string) => users.disable(id, why, key);
        await changed(await told(username, once([id, why], send)));
        setReason("");
      }}
    >
      <Reason value={reason} onChange={setReason} />
    </ConfirmButton>
  );
}

export function EnableUser({ user }: StepProps) {
  const { id, username, disabled, roles } = user;
  const once = useOnce("enable-user");
  const changed = useChanged();
  const [reason, setReason] = useState("");
  const why = reason.trim();
  return (
    <ConfirmButton
      label="Enable"
      title={`Enable ${username}`}
      confirm={`Enable ${username}`}
      disabled={why === ""}
      gone={!disabled}
      {...standing(user)}
      effect={
        <p>
          {username} can log in again as {roleWords(roles)}, with the password from before. Sessions
          that were ended stay ended.
        </p>
      }
      run={async () => {
        const send = (key: string) => users.enable(id, why, key);
        await changed(await told(username, once([id, why], send)));
        setReason("");
      }}
    >
      <Reason value={reason} onChange={setReason} />
    </ConfirmButton>
  );
}

export function ChangeRoles({ user, own, sessions }: StepProps) {
  const { id, username, roles } = user;
  const changed = useChanged();
  const [draft, setDraft] = useState<string[] | null>(null);
  const next = draft ?? roles;
  const same = next.length === roles.length && next.every((role) => roles.includes(role));
  return (
    <ConfirmButton
      label="Change roles"
      title={`Change the roles of ${username}`}
      confirm={own ? "Change roles and log out" : "Change roles"}
      button={{ variant: "default" }}
      disabled={same || next.length === 0}
      {...standing(user)}
      effect={
        <>
          <p>
            {same || next.length === 0
              ? `${username} is ${roleWords(roles)}.`
              : `${username} becomes ${roleWords(next)} instead of ${roleWords(roles)}.`}
          </p>
          <p>
            {own
              ? "All your sessions end at once, this one too: log in again to have the new roles."
              : `${upper(ending(sessions))}; the next login has the new roles.`}
          </p>
        </>
      }
      run={async () => {
        const after = await told(username, users.setRoles(id, next));
        setDraft(null);
        await changed(after);
      }}
    >
      <RoleBoxes
        held={roles}
        value={next}
        onChange={setDraft}
        kept={own && roles.includes("admin") ? "admin" : undefined}
      />
    </ConfirmButton>
  );
}

export function SetPassword({ user, sessions }: StepProps) {
  const { id, username } = user;
  const changed = useChanged();
  const [password, setPassword] = useState("");
  return (
    <ConfirmButton
      label="Set password"
      title={`Set a password for ${username}`}
      confirm="Set password"
      button={{ variant: "default" }}
      disabled={passwordProblem(password) !== null}
      {...standing(user)}
      effect={
        <p>
          The password that {username} has now stops working. {upper(ending(sessions))}.
        </p>
      }
      run={async () => {
        await changed(await told(username, users.setPassword(id, password)));
        setPassword("");
      }}
    >
      <PasswordField label="New password" value={password} onChange={setPassword} first />
    </ConfirmButton>
  );
}

export function EndSessions({ user, own, sessions }: StepProps) {
  const { id, username } = user;
  const changed = useChanged();
  return (
    <ConfirmButton
      label="End all"
      title={`End every session of ${username}`}
      confirm={sessions === 1 ? "End 1 session" : `End ${sessions ?? "all"} sessions`}
      danger
      button={{ variant: "default", size: "xs" }}
      gone={sessions === 0}
      {...standing(user)}
      now={`Every session of ${username} has ended.`}
      effect={
        <p>
          {upper(ending(sessions))}
          {own
            ? ", and this one is among them: you have to log in again."
            : `. ${username} can log in again; to keep ${username} out, disable the login.`}
        </p>
      }
      run={async () => changed(await told(username, users.endSessions(id)))}
    />
  );
}
