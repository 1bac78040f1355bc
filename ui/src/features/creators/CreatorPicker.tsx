import { Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { creators } from "@/api/client";
import { keys } from "@/api/keys";

const SHOWN = 50;

interface Props {
  /** Seen above it; without one it is a filter. */
  label?: string;
  value: string | null;
  onChange: (creatorId: string | null) => void;
}

/** Narrows the deals to one creator; the server searches, as there may be thousands. */
export function CreatorPicker({ label, value, onChange }: Props) {
  const [text, setText] = useState("");
  const [wanted] = useDebouncedValue(text, 200);
  const found = useQuery({
    queryKey: keys.creators.list(wanted),
    queryFn: ({ signal }) => creators.list({ text: wanted, limit: SHOWN }, signal),
    placeholderData: keepPreviousData,
  });
  const chosen = useQuery({
    queryKey: ["creator", value],
    queryFn: () => creators.get(value ?? ""),
    enabled: value !== null,
  });
  const names = new Map((found.data?.data ?? []).map((each) => [each.id, each.display_name]));
  if (chosen.data && value) names.set(value, chosen.data.display_name);
  return (
    <Select
      {...(label ? { label, required: true } : { "aria-label": "Filter by creator" })}
      placeholder={label ? "Search by name" : "Any creator"}
      data={[...names].map(([id, label]) => ({ value: id, label }))}
      value={value}
      onChange={onChange}
      searchable
      clearable
      clearButtonProps={{ "aria-label": "Clear creator" }}
      onSearchChange={(next) => setText(names.get(value ?? "") === next ? "" : next)}
      filter={({ options }) => options}
      nothingFoundMessage="Nobody found"
      comboboxProps={{ width: 240, position: "bottom-end" }}
    />
  );
}
