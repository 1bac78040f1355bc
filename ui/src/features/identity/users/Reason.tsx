import { Textarea } from "@mantine/core";

export function Reason({ value, onChange }: { value: string; onChange: (reason: string) => void }) {
  return (
    <Textarea
      label="Reason"
      description="Required. It is kept in the audit with your name."
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      maxLength={500}
      required
      autosize
      minRows={2}
      data-autofocus
    />
  );
}
