import { Button, Group, SegmentedControl, Stack } from "@mantine/core";
import { useState } from "react";
import type { Creator } from "@/api/types";
import { ChosenCreator } from "./ChosenCreator";
import { CreatorForm } from "./CreatorForm";
import { CreatorSearch } from "./CreatorSearch";

interface Props {
  creator: Creator | null;
  onCreator: (creator: Creator | null) => void;
  onNext: () => void;
}

export function CreatorStep({ creator, onCreator, onNext }: Props) {
  const [mode, setMode] = useState<"known" | "new">("known");
  if (creator) {
    return (
      <Stack gap={24}>
        <ChosenCreator creator={creator} onCreator={onCreator} />
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={() => onCreator(null)}>
            Choose another
          </Button>
          <Button onClick={onNext}>Continue to statements</Button>
        </Group>
      </Stack>
    );
  }
  return (
    <Stack gap={16}>
      <SegmentedControl
        aria-label="Known or new creator"
        value={mode}
        onChange={(next) => setMode(next as typeof mode)}
        data={[
          { value: "known", label: "Known creator" },
          { value: "new", label: "New creator" },
        ]}
        style={{ alignSelf: "flex-start" }}
      />
      {mode === "known" ? (
        <CreatorSearch onChoose={onCreator} />
      ) : (
        <CreatorForm onCreated={onCreator} />
      )}
    </Stack>
  );
}
