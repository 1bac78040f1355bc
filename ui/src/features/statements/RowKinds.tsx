import { Radio, Stack } from "@mantine/core";
import type { StatementQuestion, StatementRowKind } from "@/api/types";
import { type Draft, isIncome } from "./mapping";
import classes from "./statements.module.css";

interface Props {
  question: StatementQuestion;
  mapping: Draft;
  /** The question is to be pointed at because some kind has no answer yet. */
  missing: boolean;
  onAnswer: (kind: StatementRowKind, income: boolean) => void;
}

/** Kinds of rows that may be income or not, each with its rows and its sum. */
export function RowKinds({ question, mapping, missing, onAnswer }: Props) {
  return (
    <Stack gap={8} role="group" aria-label="Kinds of rows">
      <div className={classes.label}>
        These rows may be income, or money that was earned before: say which.
      </div>
      {question.values.map((kind) => {
        const income = isIncome(mapping, kind);
        return (
          <Radio.Group
            key={`${kind.column} ${kind.value}`}
            label={labelOf(kind)}
            value={income === null ? "" : String(income)}
            onChange={(value) => onAnswer(kind, value === "true")}
            error={missing && income === null ? "Choose one of these." : null}
          >
            <Stack gap={4} mt={4}>
              <Radio size="sm" value="true" label="Income" />
              <Radio size="sm" value="false" label="No income: leave it out" />
            </Stack>
          </Radio.Group>
        );
      })}
    </Stack>
  );
}

function labelOf({ column, value, rows, amount }: StatementRowKind): string {
  const shown = value === "*" ? "All others" : `'${value}'`;
  return `${shown} in column '${column}': ${rows} ${rows === 1 ? "row" : "rows"}, ${amount}`;
}
