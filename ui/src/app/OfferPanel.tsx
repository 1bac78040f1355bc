/** The drawer of a deal, put together from the features that have something to say about it. */
import { ActionIcon, Tooltip } from "@mantine/core";
import { IconUserShare } from "@tabler/icons-react";
import { lazy } from "react";
import { useMay } from "@/api/may";
import type { Offer } from "@/api/types";
import { RecipientButton } from "@/features/creators/RecipientButton";
import { OfferDrawer } from "@/features/offers/OfferDrawer";
import type { Tab } from "@/features/offers/search";
import { PayoutPanel } from "@/features/payouts/PayoutPanel";
import { PayoutTrouble } from "@/features/payouts/Trouble";
import { StatementList } from "@/features/statements/StatementList";
import { LazyPart } from "@/kit/LazyPart";
import { Lines } from "@/kit/states";
import { useDemo } from "./session";

// The chart library comes with the page that draws.
const ValuationPanel = lazy(() =>
  import("@/features/valuation/ValuationPanel").then((m) => ({ default: m.ValuationPanel })),
);

/** In a tab of its own: what the creator sees, while the house is watched in this one. */
function OpenAs({ offer }: { offer: Offer }) {
  return (
    <Tooltip label={`See it as ${offer.creator.display_name} does`}>
      <ActionIcon
        component="a"
        href={`/open-as/${offer.creator.id}?offer=${offer.id}`}
        target="_blank"
        aria-label="Open as creator"
      >
        <IconUserShare size={18} />
      </ActionIcon>
    </Tooltip>
  );
}

interface Props {
  id: string;
  tab: Tab;
  onTab: (tab: Tab) => void;
  onClose: () => void;
}

export function OfferPanel(props: Props) {
  const mayReprice = useMay("offers.reprice");
  const maySettle = useMay("payouts.confirm");
  const mayChange = useMay("creators.recipient");
  const demo = useDemo();
  const mayOpenAs = useMay("creators.open_as") && demo !== null;
  return (
    <OfferDrawer
      {...props}
      parts={{
        valuation: (offer) => (
          <LazyPart fallback={<Lines count={8} />}>
            <ValuationPanel offer={offer} mayReprice={mayReprice} />
          </LazyPart>
        ),
        payout: (offer) => <PayoutPanel offer={offer} maySettle={maySettle} />,
        statements: (offer) => (
          <StatementList creatorId={offer.creator.id} ids={offer.statement_ids} />
        ),
        trouble: (offer) => <PayoutTrouble offer={offer} />,
        openAs: (offer) => mayOpenAs && <OpenAs offer={offer} />,
        recipient: (offer, gone) => (
          <RecipientButton offerId={offer.id} creator={offer.creator} gone={gone || !mayChange} />
        ),
      }}
    />
  );
}
