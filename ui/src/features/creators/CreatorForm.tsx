import { Alert, Button, Group, Select, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { creators } from "@/api/client";
import { ApiError } from "@/api/http";
import { type Creator, type NewCreator, type Platform, PLATFORMS } from "@/api/types";
import { countryOptions } from "@/kit/countries";
import { errorText } from "@/kit/states";
import { platformName } from "@/kit/words";
import classes from "./creators.module.css";

const START: NewCreator = { platform: "spotify", platform_id: "", username: "", display_name: "" };

function fieldOf(error: unknown): string | null {
  return error instanceof ApiError && typeof error.details.field === "string"
    ? error.details.field
    : null;
}

/** What was left empty is left out, and not sent as an empty text. */
function filled(draft: NewCreator): NewCreator {
  const { email, country, ...rest } = draft;
  return {
    ...rest,
    ...(email?.trim() ? { email: email.trim() } : {}),
    ...(country ? { country } : {}),
  };
}

export function CreatorForm({ onCreated }: { onCreated: (creator: Creator) => void }) {
  const [draft, setDraft] = useState(START);
  const countries = useMemo(() => countryOptions(), []);
  const save = useMutation({
    mutationFn: () => creators.create(filled(draft)),
    onSuccess: onCreated,
  });
  const wrong = fieldOf(save.error);
  const text = (name: "display_name" | "username" | "platform_id" | "email") => ({
    value: draft[name] ?? "",
    error: wrong === name ? errorText(save.error) : null,
    onChange: (event: { currentTarget: { value: string } }) => {
      // Read now: the event is gone when the state is computed.
      const { value } = event.currentTarget;
      setDraft((now) => ({ ...now, [name]: value }));
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
        <TextInput label="Name" {...text("display_name")} required data-autofocus />
        <div className={classes.grid}>
          <Select
            label="Platform"
            data={PLATFORMS.map((value) => ({ value, label: platformName(value) }))}
            value={draft.platform}
            onChange={(value) =>
              setDraft((now) => ({ ...now, platform: (value ?? "other") as Platform }))
            }
            allowDeselect={false}
          />
          <TextInput
            label="Id on the platform"
            placeholder="Artist id or channel id"
            {...text("platform_id")}
            required
          />
          <TextInput label="Username" {...text("username")} required />
          <Select
            label="Country"
            data={countries}
            value={draft.country ?? null}
            onChange={(value) => setDraft((now) => ({ ...now, country: value ?? "" }))}
            searchable
            clearable
            clearButtonProps={{ "aria-label": "Clear country" }}
          />
        </div>
        <TextInput label="E-mail" type="email" {...text("email")} />
        {save.isError && wrong === null && (
          <Alert color="red" variant="light" role="alert">
            {errorText(save.error)}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button type="submit" loading={save.isPending}>
            Add creator
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
