import { Alert } from "@mantine/core";
import { IconShieldHalf } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Offer } from "@/api/types";
import { Copy } from "@/kit/Copy";
import { Money } from "@/kit/Money";
import { formatPercent } from "@/kit/money";
import { Facts, Panel } from "@/kit/Panel";
import { Share } from "@/kit/Share";
import { When } from "@/kit/When";
import { termWords, words } from "@/kit/words";
import classes from "./offers.module.css";
import { Prices } from "./Prices";

export function Overview({ offer, statements }: { offer: Offer; statements: ReactNode }) {
  return (
    <>
      {offer.failure && (
        <Alert color="red" variant="light" title={words(offer.failure.code)}>
          {offer.failure.message}
        </Alert>
      )}
      <Prices offer={offer} />
      <GuardRails rails={offer.guard_rails} />
      <Terms offer={offer} />
      {offer.acceptance && <Acceptance acceptance={offer.acceptance} />}
      {statements}
    </>
  );
}

const NAMED = 6;

export function worksText(works: string[] | null): string {
  if (!works) return "All works";
  const more = works.length - NAMED;
  const named = works.slice(0, NAMED).join(", ");
  return more > 0 ? `${named} and ${more} more` : named;
}

export function Terms({ offer }: { offer: Offer }) {
  const { recipient } = offer.creator;
  return (
    <Panel title="Terms">
      <Facts
        items={[
          ["Kind", words(offer.kind)],
          ["Term", termWords(offer.term_years)],
          ["Share", formatPercent(offer.share_bp, offer.share_bp % 100 === 0 ? 0 : 2)],
          ["Works", worksText(offer.works)],
          ["Requested", offer.requested && <Money value={offer.requested} />],
          ["Currency", offer.currency],
          [
            "Confidence",
            offer.valuation_confidence_bp !== null && (
              <Share bp={offer.valuation_confidence_bp} label="Confidence" judged />
            ),
          ],
          ["Created", <When key="created" at={offer.created_at} />],
          [
            "Expires",
            // What is accepted or over cannot expire any more.
            offer.status === "OFFER_READY" && offer.expires_at && <When at={offer.expires_at} />,
          ],
          [
            "Pays to",
            recipient ? `${recipient.holder_name}, ${recipient.account_masked}` : "No account yet",
          ],
          ["Note", offer.description || null],
        ]}
      />
    </Panel>
  );
}

function GuardRails({ rails }: { rails: Offer["guard_rails"] }) {
  if (rails.length === 0) return null;
  return (
    <Panel title={`Guard rails that fired (${rails.length})`} flush>
      {rails.map((rail) => (
        <div key={rail.code} className={classes.rail}>
          <IconShieldHalf size={16} className={classes.railIcon} aria-hidden />
          <div>
            <strong>{words(rail.code)}</strong>
            <div className="muted">{rail.message}</div>
          </div>
        </div>
      ))}
    </Panel>
  );
}

export function Acceptance({ acceptance }: { acceptance: NonNullable<Offer["acceptance"]> }) {
  return (
    <Panel title="Acceptance">
      <Facts
        items={[
          ["Signed by", acceptance.typed_name],
          ["Amount", <Money key="amount" value={acceptance.amount} />],
          ["When", <When key="at" at={acceptance.at} />],
          [
            "Term sheet",
            <Copy key="sha" text={acceptance.term_sheet_sha256} label="SHA-256" show={12} />,
          ],
          ["Terms version", acceptance.terms_version],
        ]}
      />
    </Panel>
  );
}
