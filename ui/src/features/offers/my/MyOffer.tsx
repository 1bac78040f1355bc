import { Alert, Button } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { documentUrl } from "@/api/client";
import { openFile } from "@/api/http";
import { useMay, useSteps } from "@/api/may";
import type { Offer } from "@/api/types";
import { AcceptAction } from "../Actions";
import { useOfferActions } from "../hooks";
import { Acceptance, Terms } from "../Overview";
import { ReasonAction } from "../ReasonActions";
import { Money } from "@/kit/Money";
import { Panel } from "@/kit/Panel";
import { errorText } from "@/kit/states";
import { Status } from "@/kit/Status";
import { When } from "@/kit/When";
import classes from "./my.module.css";

interface Props {
  offer: Offer;
  whatIf: ReactNode;
  recipient: (gone: boolean) => ReactNode;
}

/** One offer as the person reads it who is asked. */
export function MyOffer({ offer, whatIf, recipient }: Props) {
  return (
    <article className={classes.offer} aria-label={offer.title}>
      <header className={classes.head}>
        <div className={classes.headTop}>
          <span className="muted">{offer.number}</span>
          <Status code={offer.status} />
        </div>
        <h1>{offer.title}</h1>
        {offer.offered && (
          <div className={classes.amount}>
            <Money value={offer.offered} weight={680} size={32} />
          </div>
        )}
        <p className={classes.story}>{story(offer)}</p>
        <Answer offer={offer} recipient={recipient} />
      </header>
      <Terms offer={offer} />
      {offer.acceptance && <Acceptance acceptance={offer.acceptance} />}
      <Papers offer={offer} />
      {offer.status === "OFFER_READY" && whatIf}
    </article>
  );
}

/** Where the deal stands, in the words of the person who waits for it. */
function story(offer: Offer): ReactNode {
  switch (offer.status) {
    case "PENDING_VALUATION":
    case "VALUATING":
      return "Your statements are being valued. This takes a second.";
    case "VALUATION_FAILED":
      return "No offer could be made from these statements. The house will get in touch.";
    case "OFFER_READY":
      return (
        <>
          This is what the house offers you. Read the term sheet, then say yes or no
          {offer.expires_at && (
            <>
              ; the offer ends <When at={offer.expires_at} />
            </>
          )}
          .
        </>
      );
    case "ACCEPTED":
      return offer.creator.recipient
        ? "You have accepted. The house pays next."
        : "You have accepted. Say where the money shall go, then the house pays.";
    case "PAYOUT_REQUESTED":
    case "PAYOUT_PENDING":
      return "Your money is on its way.";
    case "PAID_OUT":
    case "CLOSED":
      return "You have been paid. The receipt is below.";
    case "PAYOUT_FAILED":
    case "RETURNED":
      return "The payment did not arrive. Check your account below; the house tries again.";
    case "DECLINED":
      return "You have declined this offer.";
    case "EXPIRED":
      return "This offer has ended. Ask the house for a new one.";
    default:
      return "The house has taken this offer back.";
  }
}

const PAYABLE = new Set(["OFFER_READY", "ACCEPTED", "PAYOUT_FAILED", "RETURNED"]);

function Answer({ offer, recipient }: Pick<Props, "offer" | "recipient">) {
  const run = useOfferActions(offer.id);
  const can = useSteps(offer);
  const mayChangeAccount = useMay("creators.recipient");
  return (
    <div className={classes.answer}>
      <AcceptAction offer={offer} run={run} gone={!can.has("accept")} />
      <ReasonAction
        offer={offer}
        label="Decline"
        title={`Decline ${offer.number}`}
        effect="You say no to this offer. The house may make you another one."
        gone={!can.has("decline")}
        run={run.decline}
      />
      {recipient(!mayChangeAccount || !PAYABLE.has(offer.status))}
    </div>
  );
}

function Papers({ offer }: { offer: Offer }) {
  if (!offer.term_sheet && !offer.receipt) return null;
  return (
    <Panel title="Documents">
      <div className={classes.answer}>
        {offer.term_sheet && <Paper offer={offer} kind="termsheet" label="Open term sheet" />}
        {offer.receipt && <Paper offer={offer} kind="receipt" label="Open receipt" />}
      </div>
    </Panel>
  );
}

interface PaperProps {
  offer: Offer;
  kind: "termsheet" | "receipt";
  label: string;
}

function Paper({ offer, kind, label }: PaperProps) {
  const open = useMutation({ mutationFn: () => openFile(documentUrl(offer.id, kind)) });
  return (
    <>
      <Button
        variant="default"
        loading={open.isPending}
        rightSection={<IconExternalLink size={14} />}
        onClick={() => open.mutate()}
      >
        {label}
      </Button>
      {open.isError && (
        <Alert color="red" variant="light" role="alert">
          {errorText(open.error)}
        </Alert>
      )}
    </>
  );
}
