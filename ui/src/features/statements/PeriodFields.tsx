import { TextInput } from "@mantine/core";
import { useState } from "react";
import { type Draft, periodOf } from "./mapping";

interface Props {
  period: Draft["period"];
  onChange: (period: Draft["period"]) => void;
  error: string | null;
}

/** The months of a file that has no dates. Its sums are spread evenly over them. */
export function PeriodFields({ period, onChange, error }: Props) {
  const [from, setFrom] = useState(period?.from ?? "");
  const [to, setTo] = useState(period?.to ?? "");
  const wrong = (from || to) && !periodOf(from, to) ? "First and last month, in this order." : null;
  return (
    <>
      <TextInput
        label="No dates: first month"
        type="month"
        placeholder="2024-01"
        value={from}
        onChange={(event) => {
          setFrom(event.currentTarget.value);
          onChange(periodOf(event.currentTarget.value, to));
        }}
        error={error ?? wrong}
      />
      <TextInput
        label="No dates: last month"
        type="month"
        placeholder="2024-03"
        value={to}
        onChange={(event) => {
          setTo(event.currentTarget.value);
          onChange(periodOf(from, event.currentTarget.value));
        }}
      />
    </>
  );
}
