import {
  Alert,
  Button,
  CloseButton,
  Group,
  SegmentedControl,
  Stack,
  TextInput,
} from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconMusic, IconSearch } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import type { Money as MoneyAmount, Statement } from "@/api/types";
import { DataTable } from "@/kit/DataTable";
import { PHONE } from "@/kit/media";
import { Money } from "@/kit/Money";
import { formatCount, formatMoney, formatPercent } from "@/kit/money";
import { Empty, ErrorBox, Lines } from "@/kit/states";
import { moneyOf } from "./totals";
import { useWorks } from "./useWorks";
import { type Choice, checkChoice, choiceOf, scopeOf, searchWorks, sortWorks } from "./works";
import type { WorkLine } from "./works";
import { ChoosingContext, WORK_COLUMNS } from "./workColumns";
import classes from "./works.module.css";

/** What is chosen, for the summary and for the offer; `titles` is null while it is everything. */
export interface Scope extends Choice {
  titles: string[] | null;
}

interface Props {
  /** Of one currency. */
  statements: Statement[];
  /** What was confirmed, by currency; the offer is in one of them. */
  currencies: MoneyAmount[];
  onCurrency: (currency: string) => void;
  /** Titles that are left out. */
  left: ReadonlySet<string>;
  onLeft: (left: ReadonlySet<string>) => void;
  onBack: () => void;
  onNext: (scope: Scope) => void;
}

export function WorksStep(props: Props) {
  const { currencies, onCurrency, statements } = props;
  const currency = statements.map(moneyOf).find(Boolean)?.currency;
  return (
    <Stack gap={16}>
      {currencies.length > 1 && (
        <Stack gap={8}>
          <p className={classes.lead}>
            An offer is in one currency, and amounts of two are never added. What is in another one
            is left out of this offer; make a second one for it.
          </p>
          <SegmentedControl
            aria-label="Currency of the offer"
            value={currency ?? ""}
            onChange={onCurrency}
            data={currencies.map((each) => ({ value: each.currency, label: formatMoney(each) }))}
          />
        </Stack>
      )}
      <Body {...props} />
    </Stack>
  );
}

function Body(props: Props) {
  const works = useWorks(props.statements.map((each) => each.id));
  if (works.isPending) return <Lines count={8} />;
  if (works.error) return <ErrorBox error={works.error} onRetry={works.retry} />;
  if (works.list.length === 0) {
    return (
      <Empty
        icon={<IconMusic size={20} />}
        title="The statements name no works"
        action={
          <Button variant="default" onClick={props.onBack}>
            Back
          </Button>
        }
      />
    );
  }
  return <Chooser {...props} works={works.list} />;
}

function Chooser({ works, statements, left, onLeft, onBack, onNext }: Props & Works) {
  const choice = useMemo(() => choiceOf(works, left), [works, left]);
  const wrong = checkChoice(choice);
  const currency = statements.map(moneyOf).find(Boolean)?.currency ?? "";
  return (
    <Stack gap={16}>
      <p className={classes.lead}>
        The offer values the chosen works only. All are chosen at first; leave out what is not for
        sale.
      </p>
      <Table works={works} currency={currency} left={left} onLeft={onLeft} />
      <div className={classes.totals} role="status" aria-label="Chosen works">
        <span>
          <strong>
            {formatCount(choice.chosen)} of {formatCount(choice.all)}
          </strong>{" "}
          works
        </span>
        <Money value={{ amount: choice.total, currency }} weight={620} size={16} />
        <span>{formatPercent(choice.share_bp, 1)} of the earnings</span>
      </div>
      {wrong && (
        <Alert color="red" variant="light" role="alert">
          {wrong}
        </Alert>
      )}
      <Group justify="flex-end" gap={8}>
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
        <Button
          disabled={wrong !== null}
          onClick={() => onNext({ ...choice, titles: scopeOf(works, left) })}
        >
          {choice.chosen === choice.all
            ? "Continue with all works"
            : `Continue with ${formatCount(choice.chosen)} of ${formatCount(choice.all)} works`}
        </Button>
      </Group>
    </Stack>
  );
}

interface Works {
  works: WorkLine[];
}

function Table({
  works,
  currency,
  left,
  onLeft,
}: Works & Pick<Props, "left" | "onLeft"> & { currency: string }) {
  const [text, setText] = useState("");
  const [sort, setSort] = useState("-total");
  const phone = useMediaQuery(PHONE, window.matchMedia(PHONE).matches);
  const shown = useMemo(() => sortWorks(searchWorks(works, text), sort), [works, text, sort]);
  const choosing = useMemo(
    () => ({ shown, left, onLeft, currency }),
    [shown, left, onLeft, currency],
  );
  return (
    <div className={classes.panel} onKeyDown={walk}>
      <TextInput
        className={classes.search}
        aria-label="Search works"
        placeholder="Search title or ISRC"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        leftSection={<IconSearch size={16} />}
        rightSection={
          text && <CloseButton size="sm" aria-label="Clear search" onClick={() => setText("")} />
        }
        data-search
      />
      {shown.length === 0 ? (
        <Empty title="No work matches the search" />
      ) : (
        <div className={classes.frame}>
          <ChoosingContext value={choosing}>
            <DataTable
              label="Works"
              rows={shown}
              columns={WORK_COLUMNS}
              rowId={(work) => work.title}
              sort={sort}
              onSort={setSort}
              visibility={phone ? { period: false, rows: false, share: false } : {}}
            />
          </ChoosingContext>
        </div>
      )}
    </div>
  );
}

/** The arrows walk from checkbox to checkbox; space chooses, as everywhere. */
function walk(event: React.KeyboardEvent<HTMLDivElement>): void {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (step === 0) return;
  const boxes = [...event.currentTarget.querySelectorAll<HTMLInputElement>("[type=checkbox]")];
  const at = boxes.findIndex((box) => box === document.activeElement);
  const next = boxes[at < 0 ? 0 : at + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
