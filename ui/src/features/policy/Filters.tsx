import { CloseButton, SegmentedControl, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { type ReactNode, useState } from "react";
import classes from "./policy.module.css";
import type { DecisionSearch } from "./search";

interface Props {
  search: DecisionSearch;
  onSearch: (change: Partial<DecisionSearch>) => void;
  exporter: ReactNode;
}

const RESULTS = [
  { value: "", label: "All" },
  { value: "allow", label: "Allowed" },
  { value: "deny", label: "Denied" },
  { value: "error", label: "Not asked" },
];

export function Filters({ search, onSearch, exporter }: Props) {
  return (
    <div className={classes.filters}>
      <SegmentedControl
        aria-label="Result"
        size="sm"
        value={search.result ?? ""}
        data={RESULTS}
        onChange={(result) =>
          onSearch({ result: (result || undefined) as DecisionSearch["result"] })
        }
      />
      <Field
        label="Who asked"
        text={search.actor ?? ""}
        onText={(actor) => onSearch({ actor })}
        first
      />
      <Field label="Action" text={search.action ?? ""} onText={(action) => onSearch({ action })} />
      {exporter}
    </div>
  );
}

interface FieldProps {
  label: string;
  text: string;
  onText: (text: string | undefined) => void;
  first?: boolean;
}

function Field({ label, text, onText, first }: FieldProps) {
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
  }, 250);
  const change = (next: string) => {
    setValue(next);
    push(next);
  };
  return (
    <TextInput
      className={classes.field}
      aria-label={label}
      placeholder={label}
      autoCapitalize="none"
      value={value}
      onChange={(event) => change(event.currentTarget.value)}
      rightSection={
        value && (
          <CloseButton
            size="sm"
            aria-label={`Clear ${label.toLowerCase()}`}
            onClick={() => change("")}
          />
        )
      }
      {...(first ? { "data-search": true } : {})}
    />
  );
}
