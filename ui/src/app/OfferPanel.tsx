/** The drawer of a deal, put together from the features that have something to say about it. */
import { lazy, Suspense } from "react";
import { RecipientButton } from "@/features/creators/RecipientButton";
import { OfferDrawer } from "@/features/offers/OfferDrawer";
import type { Tab } from "@/features/offers/search";
import { PayoutPanel } from "@/features/payouts/PayoutPanel";
import { StatementList } from "@/features/statements/StatementList";
import { Lines } from "@/kit/states";
import { useMay } from "./session";

// The chart library comes with the page that draws.
const ValuationPanel = lazy(() =>
  import("@/features/valuation/ValuationPanel").then((m) => ({ default: m.ValuationPanel })),
);

/** As the server's policy has it; asked only to leave out what it would refuse. */
const REPRICERS = ["admin", "underwriter"];

interface Props {
  id: string;
  tab: Tab;
  onTab: (tab: Tab) => void;
  onClose: () => void;
}

export function OfferPanel(props: Props) {
  const mayReprice = useMay(REPRICERS);
  return (
    <OfferDrawer
      {...props}
      parts={{
        valuation: (offer) => (
          <Suspense fallback={<Lines count={8} />}>
            <ValuationPanel offer={offer} mayReprice={mayReprice} />
          </Suspense>
        ),
        payout: (offer) => <PayoutPanel offer={offer} />,
        statements: (offer) => (
          <StatementList creatorId={offer.creator.id} ids={offer.statement_ids} />
        ),
        recipient: (offer) => <RecipientButton offerId={offer.id} creator={offer.creator} />,
      }}
    />
  );
}
