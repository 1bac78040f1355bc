import { Button } from "@mantine/core";
import { IconFileText } from "@tabler/icons-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Offer } from "@/api/types";
import { useOffers } from "../hooks";
import { Money } from "@/kit/Money";
import { Empty, ErrorBox, Lines } from "@/kit/states";
import { Status } from "@/kit/Status";
import { MyOffer } from "./MyOffer";
import classes from "./my.module.css";
import { useTitle } from "@/kit/useTitle";

interface Props {
  chosen: string | undefined;
  onChoose: (id: string) => void;
  /** Sliders over the terms; they come with the feature that values. */
  whatIf: (offer: Offer) => ReactNode;
  recipient: (offer: Offer, gone: boolean) => ReactNode;
}

/** A creator's own deals: what he is offered, what became of it, and his yes or no. */
export function MyPage({ chosen, onChoose, whatIf, recipient }: Props) {
  useTitle("Your offers");
  const query = useOffers({ sort: "-created_at" });
  // What is read stays what is read: a newer offer joins the list and takes nobody's page away.
  const [first, setFirst] = useState<string>();
  if (query.isPending) return <Lines count={6} height={22} />;
  if (query.isError) return <ErrorBox error={query.error} onRetry={() => void query.refetch()} />;
  const all = query.data.pages.flatMap((page) => page.data);
  const of = (id: string | undefined) => all.find((each) => each.id === id);
  const shown = of(chosen) ?? of(first) ?? all[0];
  if (shown && of(first) === undefined) setFirst(shown.id);
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
      <MyOffer
        key={shown.id}
        offer={shown}
        whatIf={whatIf(shown)}
        recipient={(gone) => recipient(shown, gone)}
      />
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
    const list = line.current?.parentElement;
    if (!current || !line.current || !list) return;
    // Only sideways: the page itself opens at its top.
    list.scrollLeft = line.current.offsetLeft - (list.clientWidth - line.current.offsetWidth) / 2;
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
