import { Button } from "@mantine/core";
import { IconFileText } from "@tabler/icons-react";
import { type ReactNode, useEffect, useRef } from "react";
import type { Offer } from "@/api/types";
import { useOffers } from "../hooks";
import { Money } from "@/kit/Money";
import { Empty, ErrorBox, Lines } from "@/kit/states";
import { Status } from "@/kit/Status";
import { MyOffer } from "./MyOffer";
import classes from "./my.module.css";

interface Props {
  chosen: string | undefined;
  onChoose: (id: string) => void;
  /** Sliders over the terms; they come with the feature that values. */
  whatIf: (offer: Offer) => ReactNode;
  recipient: (offer: Offer) => ReactNode;
}

/** A creator's own deals: what he is offered, what became of it, and his yes or no. */
export function MyPage({ chosen, onChoose, whatIf, recipient }: Props) {
  const query = useOffers({ sort: "-created_at" });
  if (query.isPending) return <Lines count={6} height={22} />;
  if (query.isError) return <ErrorBox error={query.error} onRetry={() => void query.refetch()} />;
  const all = query.data.pages.flatMap((page) => page.data);
  const shown = all.find((each) => each.id === chosen) ?? all[0];
  if (!shown) {
    return (
      <Empty
        icon={<IconFileText size={20} />}
        title="No offers yet"
        text="When the house makes you an offer it appears here, without a reload."
      />
    );
  }
  return (
    <div className={classes.columns}>
      <nav aria-label="Your offers" className={classes.list}>
        {all.map((each) => (
          <OfferLine
            key={each.id}
            offer={each}
            current={each.id === shown.id}
            onChoose={() => onChoose(each.id)}
          />
        ))}
        {query.hasNextPage && (
          <Button
            variant="default"
            loading={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            Show more
          </Button>
        )}
      </nav>
      <MyOffer key={shown.id} offer={shown} whatIf={whatIf(shown)} recipient={recipient(shown)} />
    </div>
  );
}

interface LineProps {
  offer: Offer;
  current: boolean;
  onChoose: () => void;
}

function OfferLine({ offer, current, onChoose }: LineProps) {
  const line = useRef<HTMLButtonElement>(null);
  // On a phone the lines lie side by side, and the one that is read may be out of sight.
  useEffect(() => {
    if (current) line.current?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [current]);
  return (
    <button
      ref={line}
      type="button"
      className={classes.line}
      aria-current={current ? "page" : undefined}
      onClick={onChoose}
    >
      <span className={classes.lineTitle}>{offer.title}</span>
      {offer.offered ? <Money value={offer.offered} /> : <span>{offer.number}</span>}
      <Status code={offer.status} />
    </button>
  );
}
