import { SegmentedControl, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { users } from "@/api/client";
import { keys } from "@/api/keys";
import type { NewUser, User } from "@/api/types";
import { ConfirmButton } from "@/kit/ConfirmButton";
import { useOnce } from "@/kit/once";
import { PasswordField } from "./PasswordField";
import { RoleBoxes } from "./RoleBoxes";
import type { UsersPageProps } from "./UsersPage";
import { passwordProblem, roleWords, told, usernameProblem } from "./words";

interface Props extends Pick<UsersPageProps, "creatorPicker"> {
  onAdded: (user: User) => void;
}

interface Draft {
  kind: "staff" | "creator";
  username: string;
  name: string;
  password: string;
  roles: string[];
  creator: string | null;
}

const START: Draft = {
  kind: "staff",
  username: "",
  name: "",
  password: "",
  roles: [],
  creator: null,
};

/** Null while something is missing or wrong. */
function toUser({ kind, username, name, password, roles, creator }: Draft): NewUser | null {
  if (usernameProblem(username) !== null || passwordProblem(password) !== null) return null;
  const body: NewUser = { username, password, roles };
  if (name.trim() !== "") body.display_name = name.trim();
  if (kind === "staff") return roles.length > 0 ? body : null;
  return creator === null ? null : { ...body, roles: ["creator"], creator_id: creator };
}

export function AddUser({ creatorPicker, onAdded }: Props) {
  const client = useQueryClient();
  const once = useOnce("add-user");
  const [draft, setDraft] = useState(START);
  const set = (change: Partial<Draft>) => setDraft((now) => ({ ...now, ...change }));
  const body = toUser(draft);
  return (
    <ConfirmButton
      label="Add user"
      title="Add a user"
      confirm={body ? `Add ${body.username}` : "Add"}
      disabled={!body}
      button={{ leftSection: <IconPlus size={16} /> }}
      effect={<p>{effect(draft)}</p>}
      run={async () => {
        if (!body) return;
        const added = await told(
          body.username,
          once(body, (key) => users.add(body, key)),
        );
        setDraft(START);
        await client.invalidateQueries({ queryKey: keys.users.lists });
        onAdded(added);
      }}
    >
      <Fields draft={draft} set={set} creatorPicker={creatorPicker} />
    </ConfirmButton>
  );
}

function effect({ kind, username, roles }: Draft): string {
  const who = username || "The new user";
  if (kind === "creator") return `${who} can log in at once, and sees only what is this creator's.`;
  return roles.length > 0
    ? `${who} can log in at once as ${roleWords(roles)}.`
    : `${who} can log in at once with the roles below.`;
}

interface FieldsProps extends Pick<Props, "creatorPicker"> {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
}

function Fields({ draft, set, creatorPicker }: FieldsProps) {
  const [left, setLeft] = useState(false);
  return (
    <>
      <TextInput
        label="Username"
        description="What is typed to log in. It stays as it is."
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={draft.username}
        onChange={(event) => set({ username: event.currentTarget.value.toLowerCase() })}
        onBlur={() => setLeft(true)}
        error={left && draft.username !== "" && usernameProblem(draft.username)}
        required
        data-autofocus
      />
      <TextInput
        label="Name"
        description="For people; the username when it is empty."
        autoComplete="off"
        value={draft.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
        maxLength={80}
      />
      <PasswordField
        label="Password"
        value={draft.password}
        onChange={(password) => set({ password })}
      />
      <SegmentedControl
        aria-label="Kind of user"
        value={draft.kind}
        onChange={(kind) => set({ kind: kind as Draft["kind"] })}
        data={[
          { value: "staff", label: "Works here" },
          { value: "creator", label: "Is a creator" },
        ]}
      />
      {draft.kind === "staff" ? (
        <RoleBoxes held={[]} value={draft.roles} onChange={(roles) => set({ roles })} />
      ) : (
        creatorPicker(draft.creator, (creator) => set({ creator }))
      )}
    </>
  );
}
