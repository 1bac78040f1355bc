import type { CSSProperties } from "react";
import type { Valuation } from "@/api/types";
import { formatAmount, formatPercent } from "@/kit/money";
import { Panel } from "@/kit/Panel";
import { capOf, isCapped } from "./assigned";
import { heat, nearest } from "./heat";
import classes from "./valuation.module.css";

const Capped = () => (
  <span title="Capped by the highest multiple">
    *<span className="sr"> capped</span>
  </span>
);

export function Sensitivity({ value }: { value: Valuation }) {
  const { decay_bp: decays, discount_bp: discounts, median } = value.sensitivity;
  const cap = capOf(value);
  const some = median.flat().some((amount) => isCapped(amount, cap));
  const warmth = heat(median);
  const usedRow = nearest(decays, value.decay_bp);
  const usedColumn = nearest(discounts, value.discount_bp);
  return (
    <Panel title="Median by decay and discount" aside={value.median.currency}>
      <div className={classes.scroll} tabIndex={0} role="region" aria-label="Sensitivity">
        <table className={classes.heat}>
          <thead>
            <tr>
              <th scope="col" style={{ textAlign: "left" }}>
                Decay \ discount
              </th>
              {discounts.map((rate) => (
                <th key={rate} scope="col" style={{ textAlign: "right" }}>
                  {formatPercent(rate, 1)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {decays.map((decay, row) => (
              <tr key={decay}>
                <th scope="row" style={{ textAlign: "left" }}>
                  {formatPercent(decay, 1)}
                </th>
                {(median[row] ?? []).map((amount, column) => (
                  <td
                    key={discounts[column]}
                    data-used={(row === usedRow && column === usedColumn) || undefined}
                    style={{ "--heat": warmth[row]?.[column] ?? 0 } as CSSProperties}
                  >
                    {formatAmount(amount, 0)}
                    {isCapped(amount, cap) && <Capped />}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {some && (
        <p className={classes.note} style={{ margin: "12px 0 0" }}>
          * Capped: the model gives more, and the house pays no more than the highest multiple.
        </p>
      )}
    </Panel>
  );
}
