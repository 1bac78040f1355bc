import { Alert, Button, Group, SegmentedControl, Select, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { statements } from "@/api/client";
import type { Statement, StatementLayout } from "@/api/types";
import { CURRENCIES } from "@/kit/currencies";
import { errorText } from "@/kit/states";
import {
  answered,
  asksColumns,
  checkMapping,
  type Draft,
  FIELDS,
  finishMapping,
  startMapping,
  unanswered,
  withRows,
} from "./mapping";
import { PeriodFields } from "./PeriodFields";
import { Questions } from "./Questions";
import classes from "./statements.module.css";

const NEW =
  "This layout is new here. Say which column is which; it is remembered for the next file.";
const KNOWN = "The columns are known; the file leaves something open that only a person can say.";

interface Props {
  statement: Statement;
  layout: StatementLayout;
  onMapped: (statement: Statement) => void;
}

export function MappingForm({ statement, layout, onMapped }: Props) {
  const [mapping, setMapping] = useState(() => startMapping(layout));
  const [tried, setTried] = useState(false);
  const errors = checkMapping(mapping);
  const { questions } = statement;
  const open = unanswered(mapping, questions);
  const save = useMutation({
    mutationFn: () => statements.map(statement.id, finishMapping(mapping)),
    onSuccess: onMapped,
  });
  const set = (change: Partial<Draft>) => setMapping((now) => ({ ...now, ...change }));
  const shown = (name: keyof typeof errors) => (tried ? (errors[name] ?? null) : null);
  return (
    <form
      aria-label={`Columns of ${statement.file_name}`}
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (Object.keys(errors).length === 0 && open.length === 0) save.mutate();
      }}
    >
      <Stack gap={16}>
        <div className={classes.small}>{asksColumns(questions) ? NEW : KNOWN}</div>
        <Questions
          questions={questions}
          mapping={mapping}
          missing={tried ? open : []}
          onAnswer={(question, value) => setMapping((now) => answered(now, question, value))}
          onRows={(kind, income) => setMapping((now) => withRows(now, kind, income))}
        />
        <SampleTable layout={layout} mapping={mapping} />
        <div className={classes.grid}>
          {FIELDS.map(({ name, label, required }) => (
            <Select
              key={name}
              label={label}
              data={layout.header}
              value={mapping[name] || null}
              onChange={(value) => set({ [name]: value ?? (isText(name) ? "" : null) })}
              placeholder={required || name === "month" ? "Choose a column" : "None"}
              clearable={!required}
              clearButtonProps={{ "aria-label": `Clear ${label}` }}
              required={required}
              error={name === "month" || name === "amount" ? shown(name) : null}
              searchable
            />
          ))}
          <PeriodFields
            period={mapping.period}
            onChange={(period) => set({ period })}
            error={shown("period")}
          />
          <CurrencyFields mapping={mapping} layout={layout} set={set} error={shown("currency")} />
        </div>
        {save.isError && (
          <Alert color="red" variant="light" role="alert">
            {errorText(save.error)}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button type="submit" loading={save.isPending}>
            Read with these columns
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Fields that are an empty text when nothing is chosen. */
const isText = (name: string) => name === "month" || name === "amount";

interface CurrencyProps {
  mapping: Draft;
  layout: StatementLayout;
  set: (change: Partial<Draft>) => void;
  error: string | null;
}

function CurrencyFields({ mapping, layout, set, error }: CurrencyProps) {
  return (
    <>
      <Select
        label="Currency column"
        data={layout.header}
        value={mapping.currency_column}
        onChange={(currency_column) => set({ currency_column })}
        placeholder="The file names none"
        clearable
        clearButtonProps={{ "aria-label": "Clear currency column" }}
      />
      {mapping.currency_column === null && (
        <Select
          label="Currency"
          data={CURRENCIES}
          value={mapping.currency}
          onChange={(currency) => set({ currency })}
          required
          searchable
          error={error}
        />
      )}
      <Choice
        label="Decimals are written"
        value={mapping.decimal ?? ""}
        data={[
          { value: "", label: "as found" },
          { value: "point", label: "1,234.56" },
          { value: "comma", label: "1.234,56" },
        ]}
        onChange={(sign) => set({ decimal: (sign || null) as Draft["decimal"] })}
      />
      <Choice
        label="Dates are written"
        value={mapping.date_order ?? ""}
        data={[
          { value: "", label: "as found" },
          { value: "ymd", label: "2024-12-31" },
          { value: "mdy", label: "12/31/2024" },
          { value: "dmy", label: "31/12/2024" },
        ]}
        onChange={(order) => set({ date_order: (order || null) as Draft["date_order"] })}
      />
    </>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  data: { value: string; label: string }[];
  onChange: (value: string) => void;
}

function Choice({ label, ...rest }: ChoiceProps) {
  return (
    <div>
      <div className={classes.label}>{label}</div>
      <SegmentedControl aria-label={label} fullWidth size="xs" {...rest} />
    </div>
  );
}

function SampleTable({ layout, mapping }: { layout: StatementLayout; mapping: Draft }) {
  const used = new Set<unknown>(FIELDS.map(({ name }) => mapping[name]).filter(Boolean));
  if (mapping.currency_column) used.add(mapping.currency_column);
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label="First rows of the file">
      <table className={classes.sample}>
        <thead>
          <tr>
            {layout.header.map((name, index) => (
              <th key={index} scope="col" data-used={used.has(name) || undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {layout.sample.map((row, index) => (
            <tr key={index}>
              {layout.header.map((name, column) => (
                <td key={column} data-used={used.has(name) || undefined}>
                  {row[column]}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
