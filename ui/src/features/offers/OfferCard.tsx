import type { Offer } from "@/api/types";
import { Initials } from "@/kit/Initials";
import { Money } from "@/kit/Money";
import { Status } from "@/kit/Status";
import { When } from "@/kit/When";
import classes from "./offers.module.css";

export function OfferCard({ offer }: { offer: Offer }) {
  return (
    <>
      <span className={classes.cardLine}>
        <span className={classes.creator}>
          <Initials name={offer.creator.display_name} />
          <span className={classes.ellipsis} style={{ fontWeight: 540 }}>
            {offer.title}
          </span>
        </span>
        <Money value={offer.offered} weight={600} />
      </span>
      <span className={classes.cardLine}>
        <span className={`${classes.cardSub} ${classes.ellipsis}`}>
          {offer.number} · {offer.creator.display_name} · <When at={offer.created_at} />
        </span>
        <Status code={offer.status} />
      </span>
    </>
  );
}
