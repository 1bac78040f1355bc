import { CloseButton, CopyButton, Tabs, Tooltip, ActionIcon } from "@mantine/core";
import { IconCheck, IconLink } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Offer } from "@/api/types";
import { SideDrawer } from "@/kit/layers";
import { ErrorBox, Lines } from "@/kit/states";
import { Status } from "@/kit/Status";
import { countryName, platformName } from "@/kit/words";
import { Actions } from "./Actions";
import { Documents } from "./Documents";
import { useOffer } from "./hooks";
import classes from "./offers.module.css";
import { Overview } from "./Overview";
import { TABS, type Tab } from "./search";
import { Timeline } from "./Timeline";
import { useTitle } from "@/kit/useTitle";

export interface OfferParts {
  valuation: (offer: Offer) => ReactNode;
  payout: (offer: Offer) => ReactNode;
  statements: (offer: Offer) => ReactNode;
  recipient: (offer: Offer, gone: boolean) => ReactNode;
  openAs: (offer: Offer) => ReactNode;
  /** A payout that did not arrive. */
  trouble: (offer: Offer) => ReactNode;
}

interface Props {
  id: string;
  tab: Tab;
  onTab: (tab: Tab) => void;
  onClose: () => void;
  parts: OfferParts;
}

const TAB_NAMES: Record<Tab, string> = {
  overview: "Overview",
  valuation: "Valuation",
  payout: "Payout",
  documents: "Documents",
  timeline: "Timeline",
};

export function OfferDrawer(props: Props) {
  return (
    <SideDrawer label="Deal" size={720} onClose={props.onClose}>
      <OfferView {...props} />
    </SideDrawer>
  );
}

function OfferView(props: Props) {
  const query = useOffer(props.id);
  if (query.isPending) return <Waiting {...props} />;
  if (query.isError) {
    return (
      <>
        <CloseRow onClose={props.onClose} />
        <ErrorBox error={query.error} onRetry={() => void query.refetch()} />
      </>
    );
  }
  return <OfferData {...props} offer={query.data} />;
}

function OfferData({ offer, tab, onTab, onClose, parts }: Props & { offer: Offer }) {
  useTitle(`${offer.number} ${offer.title}`);
  const { creator } = offer;
  return (
    <Tabs value={tab} onChange={(next) => onTab((next ?? "overview") as Tab)} keepMounted={false}>
      <div className={classes.drawerHead}>
        <CloseRow onClose={onClose}>
          <span className={`${classes.number} muted`}>{offer.number}</span>
          <Status code={offer.status} />
          <span className={classes.grow} />
          {parts.openAs(offer)}
        </CloseRow>
        <div className={classes.drawerTitle}>
          <div>
            <h2>{offer.title}</h2>
            <div className={classes.drawerSub}>
              {creator.display_name} · {platformName(creator.platform)}
              {creator.country && ` · ${countryName(creator.country)}`}
            </div>
          </div>
        </div>
        <Actions offer={offer} recipient={(gone) => parts.recipient(offer, gone)} />
        <Tabs.List className={classes.tabs}>
          {TABS.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {TAB_NAMES[each]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
      </div>
      <Tabs.Panel value="overview" className={classes.drawerBody}>
        {parts.trouble(offer)}
        <Overview offer={offer} statements={parts.statements(offer)} />
      </Tabs.Panel>
      <Tabs.Panel value="valuation" className={classes.drawerBody}>
        {parts.valuation(offer)}
      </Tabs.Panel>
      <Tabs.Panel value="payout" className={classes.drawerBody}>
        {parts.payout(offer)}
      </Tabs.Panel>
      <Tabs.Panel value="documents" className={classes.drawerBody}>
        <Documents offer={offer} />
      </Tabs.Panel>
      <Tabs.Panel value="timeline" className={classes.drawerBody}>
        <Timeline id={offer.id} />
      </Tabs.Panel>
    </Tabs>
  );
}

function CloseRow({ onClose, children }: { onClose: () => void; children?: ReactNode }) {
  return (
    <div className={classes.drawerTop}>
      {children ?? <span className={classes.grow} />}
      <CopyButton value={window.location.href}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? "Link copied" : "Copy link to this deal"}>
            <ActionIcon aria-label="Copy link to this deal" onClick={copy}>
              {copied ? <IconCheck size={18} /> : <IconLink size={18} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
      <CloseButton aria-label="Close deal" onClick={onClose} />
    </div>
  );
}

function Waiting({ onClose }: Props) {
  return (
    <div className={classes.drawerBody}>
      <CloseRow onClose={onClose} />
      <Lines count={3} height={22} />
      <Lines count={6} />
    </div>
  );
}
