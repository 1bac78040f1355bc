import type { Statement, StatementMonth } from "@/api/types";
import { Money } from "@/kit/Money";
import { formatCount, formatPercent, sumAmounts } from "@/kit/money";
import { Facts, Panel } from "@/kit/Panel";
import { Sparkline } from "@/kit/Sparkline";
import { monthName } from "@/kit/time";
import { byMonth, ofCurrency, totalsByCurrency } from "./totals";
import type { Choice } from "./works";

/** The earnings of each month; `of` is the currency where there are several. */
function Months({ months, of }: { months: StatementMonth[]; of: string | null }) {
  return (
    <>
      {of && (
        <div className="muted" style={{ fontSize: 12 }}>
          {of}
        </div>
      )}
      <Sparkline
        values={months.map((each) => Number(each.amount))}
        label={`Earnings${of ? ` in ${of}` : ""} of ${months.length} months`}
        width={280}
        height={56}
        lastOpen={months.at(-1)?.complete === false}
      />
    </>
  );
}

/** What the chosen statements say together, before anything is saved. */
export function Summary({ statements, scope }: { statements: Statement[]; scope: Choice | null }) {
  const months = byMonth(statements);
  const first = months[0];
  const last = months.at(-1);
  if (!first || !last) {
    return (
      <Panel title="Totals">
        <span className="muted" style={{ fontSize: 13 }}>
          The totals of all files appear here as soon as the first one is read.
        </span>
      </Panel>
    );
  }
  const year = months.filter((each) => each.complete).slice(-12);
  const currencies = totalsByCurrency(statements);
  return (
    <Panel title="Totals">
      <Facts
        items={[
          [
            "All statements",
            currencies.map((total) => (
              <div key={total.currency}>
                <Money value={total} weight={640} size={18} />
              </div>
            )),
          ],
          [
            "Last 12 complete months",
            currencies.length === 1 && currencies[0] ? (
              <Money
                value={{
                  amount: sumAmounts(year.map((each) => each.amount)),
                  currency: currencies[0].currency,
                }}
                weight={560}
              />
            ) : null,
          ],
          ["Rows", formatCount(statements.reduce((sum, each) => sum + each.rows, 0))],
          [
            "Works in the offer",
            scope &&
              `${formatCount(scope.chosen)} of ${formatCount(scope.all)}, ${formatPercent(scope.share_bp, 1)} of the earnings`,
          ],
          ["Months", `${monthName(first.month)} to ${monthName(last.month)}`],
        ]}
      />
      <div style={{ marginTop: 16, overflow: "hidden" }}>
        {currencies.map(({ currency }) => (
          <Months
            key={currency}
            months={byMonth(ofCurrency(statements, currency))}
            of={currencies.length > 1 ? currency : null}
          />
        ))}
      </div>
      {currencies.length > 1 && (
        <p role="alert" style={{ color: "var(--k-warn)", fontSize: 13, margin: "12px 0 0" }}>
          The files are in different currencies; an offer can use one currency only.
        </p>
      )}
    </Panel>
  );
}
