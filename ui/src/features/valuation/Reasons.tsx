import type { Valuation } from "@/api/types";
import { formatAmount, formatPercent } from "@/kit/money";
import { Panel } from "@/kit/Panel";
import { Share } from "@/kit/Share";
import { words } from "@/kit/words";
import classes from "./valuation.module.css";

export function Rails({ value }: { value: Valuation }) {
  if (value.guard_rails.length === 0) return null;
  return (
    <Panel title={`Guard rails that fired (${value.guard_rails.length})`} flush>
      {value.guard_rails.map((rail) => (
        <div key={rail.code} className={classes.rail}>
          <strong>{words(rail.code)}</strong>
          <div className="muted">{rail.message}</div>
          <div className={classes.change}>
            {rail.before !== null && rail.after !== null && (
              <span className="num">
                {formatAmount(rail.before)} → <strong>{formatAmount(rail.after)}</strong>
              </span>
            )}
            {rail.setting && <span className="mono muted">{rail.setting}</span>}
          </div>
        </div>
      ))}
    </Panel>
  );
}

export function ConfidenceParts({ value }: { value: Valuation }) {
  return (
    <Panel title={`Confidence ${formatPercent(value.confidence_bp)}`}>
      <div className={classes.parts}>
        {value.confidence_parts.map((part) => (
          <div key={part.name} className={classes.part}>
            <span>{words(part.name)}</span>
            <Share bp={part.bp} label={words(part.name)} judged />
            <span className={classes.note}>{part.why}</span>
          </div>
        ))}
      </div>
    </Panel>
  );
}
