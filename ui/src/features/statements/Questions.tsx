import { Alert, Radio, Stack } from "@mantine/core";
import type { StatementQuestion, StatementRowKind } from "@/api/types";
import { aboutRows, choosable, type Draft, readable } from "./mapping";
import { RowKinds } from "./RowKinds";
import classes from "./statements.module.css";

interface Props {
  questions: StatementQuestion[];
  mapping: Draft;
  /** Questions to be pointed at because they have no answer yet. */
  missing: StatementQuestion[];
  onAnswer: (question: StatementQuestion, value: string) => void;
  onRows: (kind: StatementRowKind, income: boolean) => void;
}

/** What the file leaves open, each with the readings there are. */
export function Questions({ questions, mapping, missing, onAnswer, onRows }: Props) {
  const read = readable(questions);
  const chosen = choosable(questions);
  const rows = aboutRows(questions);
  if (read.length + chosen.length + rows.length === 0) return null;
  return (
    <Alert color="yellow" variant="light" title="The file leaves this open">
      <Stack gap={12}>
        {read.map((question) => (
          <div key={question.message} className={classes.sentence}>
            {question.message}
          </div>
        ))}
        {chosen.map((question) => (
          <Radio.Group
            key={question.message}
            label={<span className={classes.sentence}>{question.message}</span>}
            value={String(mapping[question.field as keyof Draft] ?? "")}
            onChange={(value) => onAnswer(question, value)}
            error={missing.includes(question) ? "Choose one of these." : null}
          >
            <Stack gap={4} mt={4}>
              {question.choices.map((choice) => (
                <Radio
                  key={choice.value}
                  size="sm"
                  value={choice.value}
                  label={
                    choice.label.includes(choice.value)
                      ? choice.label
                      : `${choice.value}: ${choice.label}`
                  }
                />
              ))}
            </Stack>
          </Radio.Group>
        ))}
        {rows.map((question) => (
          <RowKinds
            key={question.message}
            question={question}
            mapping={mapping}
            missing={missing.includes(question)}
            onAnswer={onRows}
          />
        ))}
      </Stack>
    </Alert>
  );
}
