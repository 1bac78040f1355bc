import { Alert, Button, Slider } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { offers } from "@/api/client";
import { keys } from "@/api/keys";
import type { Money as MoneyValue, Offer, Prices } from "@/api/types";
import { Money } from "@/kit/Money";
import { formatPercent } from "@/kit/money";
import { Panel } from "@/kit/Panel";
import { errorText } from "@/kit/states";
import { termWords } from "@/kit/words";
import classes from "./whatIf.module.css";
import { differenceOf, LIFE, sameTerms, savedTerms, type Terms, toReprice } from "./whatIf";

const PAUSE_MS = 250;

interface Props {
  offer: Offer;
  saved: Prices;
}

/** Sliders over the terms; the server values them, and nothing is kept. */
export function WhatIf({ offer, saved }: Props) {
  const start = savedTerms(saved);
  const [terms, setTerms] = useState(start);
  const [asked] = useDebouncedValue(terms, PAUSE_MS);
  const changed = !sameTerms(terms, start);
  const query = useQuery({
    queryKey: keys.offers.reprice(offer.id, saved.computed_at, asked.term, asked.percent),
    queryFn: ({ signal }) => offers.reprice(offer.id, toReprice(asked, offer.works), signal),
    enabled: changed && !sameTerms(asked, start),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    retry: false,
  });
  const shown = changed && !query.isError ? query.data : undefined;
  const waiting = changed && (query.isFetching || !sameTerms(asked, terms));
  return (
    <Panel title="What if" aside={<span className={classes.badge}>Not saved</span>}>
      <div className={classes.sliders}>
        <TermSlider terms={terms} start={start} onTerms={setTerms} />
        <ShareSlider terms={terms} start={start} onTerms={setTerms} />
      </div>
      <Comparison saved={saved} now={shown} waiting={waiting} />
      {changed && query.isError && (
        <Alert color="red" variant="light" role="alert" mt={12}>
          {errorText(query.error)}
        </Alert>
      )}
      <div className={classes.foot}>
        <span className={classes.note}>
          The offer keeps its terms and its price; this only asks what others would give.
        </span>
        <Button variant="default" size="xs" disabled={!changed} onClick={() => setTerms(start)}>
          Reset
        </Button>
      </div>
    </Panel>
  );
}

interface SliderProps {
  terms: Terms;
  start: Terms;
  onTerms: (terms: Terms) => void;
}

const termText = (term: number) => termWords(term === LIFE ? null : term);
const percentText = (percent: number) => formatPercent(percent * 100, percent % 1 === 0 ? 0 : 2);

function TermSlider({ terms, start, onTerms }: SliderProps) {
  return (
    <div>
      <div className={classes.label}>
        <span>Term</span>
        <span className={classes.value}>{termText(terms.term)}</span>
      </div>
      <Slider
        min={1}
        max={LIFE}
        value={terms.term}
        onChange={(term) => onTerms({ ...terms, term })}
        marks={[{ value: start.term }]}
        label={null}
        thumbLabel="Term"
        thumbValueText={termText}
      />
      <div className={classes.ends}>
        <span>1 year</span>
        <span>Life of rights</span>
      </div>
    </div>
  );
}

function ShareSlider({ terms, start, onTerms }: SliderProps) {
  return (
    <div>
      <div className={classes.label}>
        <span>Share of the royalties</span>
        <span className={classes.value}>{percentText(terms.percent)}</span>
      </div>
      <Slider
        min={1}
        max={100}
        value={terms.percent}
        onChange={(percent) => onTerms({ ...terms, percent })}
        marks={[{ value: start.percent }]}
        label={null}
        thumbLabel="Share of the royalties"
        thumbValueText={percentText}
      />
      <div className={classes.ends}>
        <span>1%</span>
        <span>100%</span>
      </div>
    </div>
  );
}

interface ComparisonProps {
  saved: Prices;
  now: Prices | undefined;
  waiting: boolean;
}

const ROWS = [
  ["Low (P10)", "low"],
  ["Median", "median"],
  ["High (P90)", "high"],
] as const;

function Comparison({ saved, now, waiting }: ComparisonProps) {
  return (
    <table className={classes.table} aria-label="Saved and what if" aria-busy={waiting}>
      <thead>
        <tr>
          <td>{saved.ltm.currency}</td>
          <th scope="col">Saved</th>
          <th scope="col">What if</th>
          <th scope="col">Difference</th>
        </tr>
      </thead>
      <tbody data-waiting={waiting || undefined}>
        {ROWS.map(([label, name]) => (
          <tr key={name} data-main={name === "median" || undefined}>
            <th scope="row">{label}</th>
            <td>
              <Money value={saved[name]} />
            </td>
            <td>
              <Money value={now?.[name] ?? null} />
            </td>
            <td>{now ? <Change saved={saved[name]} now={now[name]} /> : <Money value={null} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Change({ saved, now }: { saved: MoneyValue; now: MoneyValue }) {
  const { money, bp, tone } = differenceOf(saved, now);
  return (
    <span className={classes.change} data-tone={tone}>
      <span>
        {tone === "good" && "+"}
        <Money value={money} />
      </span>
      {bp !== null && (
        <span className={classes.part}>
          {bp > 0 && "+"}
          {formatPercent(bp, 1).replace("-", "\u2212")}
        </span>
      )}
    </span>
  );
}
