import { Skeleton } from "@mantine/core";
import type { Money as MoneyValue, Offer } from "@/api/types";
import { Money } from "@/kit/Money";
import { Panel } from "@/kit/Panel";
import { When } from "@/kit/When";
import classes from "./offers.module.css";

const WAITING = new Set(["PENDING_VALUATION", "VALUATING"]);

export function Prices({ offer }: { offer: Offer }) {
  const { price_low: low, price_median: median, price_high: high } = offer;
  if (!low || !median || !high) return <NoPrices offer={offer} />;
  return (
    <Panel>
      <div className={classes.prices}>
        <Price label="Low (P10)" value={low} />
        <Price label="Median" value={median} />
        <Price label="High (P90)" value={high} />
      </div>
      <div className={classes.band} aria-hidden>
        {offer.offered && (
          <span
            className={classes.bandMark}
            style={{ left: `${place(offer.offered, low, median, high)}%` }}
          />
        )}
      </div>
      <div className={classes.offered}>
        <span className="muted">
          Offered
          {offer.status === "OFFER_READY" && offer.expires_at && (
            <>
              , expires <When at={offer.expires_at} />
            </>
          )}
        </span>
        <Money value={offer.offered} weight={640} size={16} />
      </div>
    </Panel>
  );
}

function Price({ label, value }: { label: string; value: MoneyValue }) {
  return (
    <div className={classes.price}>
      <div className={classes.priceLabel}>{label}</div>
      <div className={classes.priceValue}>
        <Money value={value} />
      </div>
    </div>
  );
}

/** The median is the middle of the band, whatever the shape of the distribution. */
export function place(at: MoneyValue, low: MoneyValue, mid: MoneyValue, high: MoneyValue): number {
  const [x, a, b, c] = [at, low, mid, high].map((each) => Number(each.amount)) as [
    number,
    number,
    number,
    number,
  ];
  const half = x <= b ? [a, b] : [b, c];
  const [from = 0, to = 0] = half;
  const part = to === from ? (x <= b ? 1 : 0) : (x - from) / (to - from);
  return Math.min(100, Math.max(0, (x <= b ? 0 : 50) + part * 50));
}

function NoPrices({ offer }: { offer: Offer }) {
  if (!WAITING.has(offer.status)) return null;
  return (
    <Panel>
      <div role="status" aria-label="Being valued">
        <div className={classes.prices}>
          {["Low (P10)", "Median", "High (P90)"].map((label) => (
            <div key={label} className={classes.price}>
              <div className={classes.priceLabel}>{label}</div>
              <Skeleton height={20} width="70%" mt={4} display="inline-block" />
            </div>
          ))}
        </div>
        <div className={classes.offered}>
          <span className="muted">
            Reading the statements and valuing them. This takes a second.
          </span>
        </div>
      </div>
    </Panel>
  );
}
