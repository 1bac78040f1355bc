import { Checkbox, Stack } from "@mantine/core";
import type { Statement } from "@/api/types";
import { type Asked, needed, type Yes } from "./confirmations";
import classes from "./statements.module.css";

interface Props {
  statements: Statement[];
  asked: Asked;
  yes: Yes;
  onYes: (statement: string, key: string, given: boolean) => void;
}

/** What has to be said yes to, in words and with the sum, one tick for each. */
export function Confirmations({ statements, asked, yes, onYes }: Props) {
  const open = statements.filter((each) => needed(each, asked).length > 0);
  if (open.length === 0) return null;
  return (
    <section aria-label="Needs your yes" className={classes.known}>
      <div className={classes.label}>Say yes to each of these before the statements count</div>
      {open.map((statement) => (
        <Stack key={statement.id} gap={8}>
          <div className={classes.fileName}>{statement.file_name}</div>
          {needed(statement, asked).map((each) => (
            <Checkbox
              key={each.key}
              size="sm"
              checked={yes[statement.id]?.includes(each.key) ?? false}
              onChange={(event) => onYes(statement.id, each.key, event.currentTarget.checked)}
              label={`Yes: ${each.message}`}
            />
          ))}
        </Stack>
      ))}
    </section>
  );
}
