import type { ReactNode } from "react";
import type { Valuation } from "@/api/types";
import { Money } from "@/kit/Money";
import { formatCount, formatMoney, formatPercent } from "@/kit/money";
import { Panel } from "@/kit/Panel";
import { monthName } from "@/kit/time";
import { termWords, words } from "@/kit/words";
import { assignedLtm, multipleOf } from "./assigned";
import classes from "./valuation.module.css";

interface Props {
  value: Valuation;
  onTrace: (figure: string) => void;
}

export function KeyFigures({ value, onTrace }: Props) {
  const assigned = { amount: assignedLtm(value), currency: value.ltm.currency };
  return (
    <Panel>
      <div className={classes.figures}>
        <Figure
          label="Last twelve months"
          note={`${monthName(value.ltm_from)} to ${monthName(value.ltm_to)}`}
        >
          <button
            type="button"
            className={classes.trace}
            aria-label={`${formatMoney(value.ltm)}: follow the last twelve months to the rows`}
            onClick={() => onTrace("ltm")}
          >
            <Money value={value.ltm} />
          </button>
        </Figure>
        <Figure
          label="Multiple"
          note={`Median over the assigned ${formatMoney(assigned)} of twelve months, ${termWords(value.term_years)}`}
        >
          {multipleOf(value)}×
        </Figure>
        <Figure label="Units, twelve months">{formatCount(value.ltm_units)}</Figure>
        <Figure label="Dollar age" note="Weighted by earnings">
          {value.dollar_age_years} years
        </Figure>
        <Figure label="Decay per year" note={words(value.decay_source)}>
          {formatPercent(value.decay_bp, 1)}
        </Figure>
        <Figure label="Discount rate" note={`Fee ${formatPercent(value.fee_bp, 1)}`}>
          {formatPercent(value.discount_bp, 1)}
        </Figure>
      </div>
      <p className={classes.note} style={{ margin: "16px 0 0" }}>
        Decay: {value.decay_note}. {formatCount(value.simulations)} simulations, seed{" "}
        <span className="mono">{String(value.seed)}</span>, valuation version {value.version}.
      </p>
    </Panel>
  );
}

function Figure(props: { label: string; note?: string; children: ReactNode }) {
  return (
    <div>
      <div className={classes.label}>{props.label}</div>
      <div className={classes.value}>{props.children}</div>
      {props.note && <div className={classes.note}>{props.note}</div>}
    </div>
  );
}
