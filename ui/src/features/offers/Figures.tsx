import { Skeleton } from "@mantine/core";
import type { Money as MoneyValue, OfferStats, OfferStatus } from "@/api/types";
import { formatAmount, formatMoney, formatShort, sumAmounts } from "@/kit/money";
import classes from "./offers.module.css";
import { GROUP_NAMES, GROUPS } from "./search";

interface Figure {
  label: string;
  statuses: readonly OfferStatus[];
}

const FIGURES: Figure[] = [
  { label: GROUP_NAMES.ready, statuses: GROUPS.ready },
  { label: GROUP_NAMES.accepted, statuses: GROUPS.accepted },
  { label: GROUP_NAMES.paying, statuses: GROUPS.paying },
  { label: GROUP_NAMES.paid, statuses: GROUPS.paid },
];

/** Per currency: sums of different currencies are never added up. */
export function totals(stats: OfferStats, statuses: readonly OfferStatus[]) {
  const picked = stats.by_status.filter((each) => statuses.includes(each.status));
  const byCurrency = new Map<string, string[]>();
  for (const money of picked.flatMap((each) => each.offered)) {
    byCurrency.set(money.currency, [...(byCurrency.get(money.currency) ?? []), money.amount]);
  }
  const sums: MoneyValue[] = [...byCurrency].map(([currency, amounts]) => ({
    currency,
    amount: sumAmounts(amounts),
  }));
  sums.sort((a, b) => Number(b.amount) - Number(a.amount));
  return { count: picked.reduce((sum, each) => sum + each.count, 0), sums };
}

export function Figures({ stats }: { stats: OfferStats | undefined }) {
  return (
    <div className={classes.figures}>
      {FIGURES.map(({ label, statuses }) => {
        if (!stats) {
          return (
            <div key={label} className={classes.figure}>
              <div className={classes.figureLabel}>{label}</div>
              <Skeleton height={20} width={120} mt={8} />
            </div>
          );
        }
        const { count, sums } = totals(stats, statuses);
        const [main, ...rest] = sums;
        return (
          <div key={label} className={classes.figure}>
            <div className={classes.figureLabel}>
              {label}
              <span className="num">{count}</span>
            </div>
            <div className={classes.figureValue}>
              {main ? <Short money={main} /> : "–"}
              <span className={classes.figureMore}>
                {rest.map((money) => (
                  <span key={money.currency} title={formatMoney(money)}>
                    {` + ${money.currency} ${formatShort(Number(money.amount))}`}
                  </span>
                ))}
              </span>
            </div>
          </div>
        );
      })}
    </div>
  );
}

function Short({ money }: { money: MoneyValue }) {
  return (
    <span title={formatMoney(money)}>
      <span className={classes.figureMore}>{money.currency}</span> {formatAmount(money.amount, 0)}
    </span>
  );
}
