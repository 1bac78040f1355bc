import { Button, CloseButton, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import classes from "./users.module.css";

interface Props {
  text: string;
  onText: (text: string | undefined) => void;
  loaded: number;
  /** There are users that are not loaded, and so not searched. */
  onMore: (() => void) | undefined;
  busy: boolean;
}

export function Search({ text, onText, loaded, onMore, busy }: Props) {
  const [value, setValue] = useState(text);
  const [seen, setSeen] = useState(text);
  // The URL may change by the back button; the field follows it.
  if (seen !== text) {
    setSeen(text);
    setValue(text);
  }
  const push = useDebouncedCallback((next: string) => {
    setSeen(next.trim());
    onText(next.trim() || undefined);
  }, 150);
  const change = (next: string) => {
    setValue(next);
    push(next);
  };
  return (
    <div className={classes.tools}>
      <TextInput
        className={classes.search}
        aria-label="Search users"
        placeholder="Name or role"
        autoCapitalize="none"
        value={value}
        onChange={(event) => change(event.currentTarget.value)}
        leftSection={<IconSearch size={16} />}
        rightSection={
          value && <CloseButton size="sm" aria-label="Clear search" onClick={() => change("")} />
        }
        data-search
      />
      {onMore && text !== "" && (
        <>
          <span className={classes.note}>Searched among the {loaded} loaded users.</span>
          <Button size="xs" variant="default" loading={busy} onClick={onMore}>
            Load more
          </Button>
        </>
      )}
    </div>
  );
}
