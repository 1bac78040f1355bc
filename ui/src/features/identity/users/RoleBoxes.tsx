import { Checkbox, Stack } from "@mantine/core";
import { words } from "@/kit/words";
import { rolesFor } from "./words";

interface Props {
  held: string[];
  value: string[];
  onChange: (roles: string[]) => void;
  /** A role that stays, because nobody takes it from himself. */
  kept?: string | undefined;
}

export function RoleBoxes({ held, value, onChange, kept }: Props) {
  return (
    <Checkbox.Group
      label="Roles"
      description="At least one; several add up."
      value={value}
      onChange={onChange}
      required
    >
      <Stack gap={8} mt={8}>
        {rolesFor(held).map(({ role, may }) => (
          <Checkbox
            key={role}
            value={role}
            label={words(role)}
            description={role === kept ? "Another admin can take this from you." : may}
            disabled={role === kept}
          />
        ))}
      </Stack>
    </Checkbox.Group>
  );
}
