import { TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useSteps } from "@/api/may";
import type { Offer } from "@/api/types";
import { ConfirmButton } from "@/kit/ConfirmButton";
import { formatMoney, formatPercent } from "@/kit/money";
import { termWords } from "@/kit/words";
import { ReasonAction, SetAmountAction } from "./ReasonActions";
import { useOfferActions } from "./hooks";
import { standing } from "./standing";
import classes from "./offers.module.css";

export type Run = ReturnType<typeof useOfferActions>;

/** It can be tried again, to another account if that was the reason. */
const NOT_ARRIVED = new Set(["PAYOUT_FAILED", "RETURNED"]);

interface Props {
  offer: Offer;
  /** The button of the account; `gone` while it is of no use. */
  recipient: (gone: boolean) => ReactNode;
}

/** Only what the server will do for this person in this state. */
export function Actions({ offer, recipient }: Props) {
  const run = useOfferActions(offer.id);
  const can = useSteps(offer);
  const pays = can.has("request_payout");
  const account = offer.creator.recipient;
  // A step that is gone stays mounted: its dialog may be open with something typed into it.
  return (
    <div className={classes.actions}>
      <AcceptAction offer={offer} run={run} gone={!can.has("accept")} />
      <PayAction offer={offer} run={run} gone={!pays || !account} />
      {recipient(!pays || (account !== null && !NOT_ARRIVED.has(offer.status)))}
      <ConfirmButton
        label="Value again"
        title={`Value ${offer.number} again`}
        confirm="Value again"
        button={{ variant: "default" }}
        gone={!can.has("value")}
        {...standing(offer)}
        effect={
          <p>
            The statements are valued with today&apos;s settings. The present figures stay in the
            timeline{offer.offered && <>; the offered {formatMoney(offer.offered)} is replaced</>}.
          </p>
        }
        run={run.value}
      />
      <SetAmountAction offer={offer} run={run.setAmount} gone={!can.has("set_offered_amount")} />
      <ReasonAction
        offer={offer}
        label="Decline"
        title={`Decline ${offer.number}`}
        effect={`${offer.creator.display_name} declines the offer. It can be valued again later.`}
        gone={!can.has("decline")}
        run={run.decline}
      />
      <ReasonAction
        offer={offer}
        label="Withdraw"
        title={`Withdraw ${offer.number}`}
        effect={`The house takes the offer to ${offer.creator.display_name} back. This is final.`}
        required
        gone={!can.has("withdraw")}
        run={run.withdraw}
      />
    </div>
  );
}

interface StepProps {
  offer: Offer;
  run: Run;
  gone: boolean;
}

export function AcceptAction({ offer, run, gone }: StepProps) {
  const [name, setName] = useState("");
  const { term_sheet: sheet } = offer;
  // While it is valued anew there is no amount; an open dialog keeps the last one.
  const [last, setLast] = useState(offer.offered);
  if (offer.offered && offer.offered !== last) setLast(offer.offered);
  const offered = offer.offered ?? last;
  if (!offered) return null;
  return (
    <ConfirmButton
      label="Accept"
      title={`Accept ${offer.number}`}
      confirm={`Accept ${formatMoney(offered)}`}
      disabled={name.trim().length < 2}
      gone={gone || !offer.offered}
      {...standing(offer)}
      effect={
        <>
          <p>
            <strong>{offer.creator.display_name}</strong>{" "}
            {offer.kind === "advance" ? "takes an advance of" : "sells"}{" "}
            {offer.kind === "advance" ? (
              <strong>{formatMoney(offered)}</strong>
            ) : (
              <>
                {formatPercent(offer.share_bp)} of the royalties ({termWords(offer.term_years)}) for{" "}
                <strong>{formatMoney(offered)}</strong>
              </>
            )}
            .
          </p>
          {sheet && (
            <p className="muted">
              Term sheet <span className="mono">{sheet.sha256.slice(0, 16)}…</span>
            </p>
          )}
        </>
      }
      run={() =>
        run.accept({
          typed_name: name.trim(),
          term_sheet_sha256: sheet?.sha256 ?? "",
          amount: offered,
        })
      }
    >
      <TextInput
        label="Type the full name of who accepts"
        description="It is stored with the term sheet's fingerprint and the time."
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        autoComplete="off"
        data-autofocus
        required
      />
    </ConfirmButton>
  );
}

function PayAction({ offer, run, gone }: StepProps) {
  // The same state of the same deal gives the same key: a second click can never pay twice,
  // and after a failed payout the version has moved on, so that a new one can be asked for.
  const key = `console-${offer.id}-${offer.version}`;
  const amount = offer.acceptance?.amount ?? offer.offered;
  const { recipient } = offer.creator;
  if (!amount || !recipient) return null;
  return (
    <ConfirmButton
      label={NOT_ARRIVED.has(offer.status) ? "Pay again" : "Pay out"}
      gone={gone}
      {...standing(offer)}
      title={`Pay out ${offer.number}`}
      confirm={`Pay ${formatMoney(amount)}`}
      effect={
        <>
          <p>
            <strong>{formatMoney(amount)}</strong> leaves the house&apos;s account.
          </p>
          <p>
            To <strong>{recipient.holder_name}</strong>,{" "}
            <span className="mono">{recipient.account_masked}</span>
          </p>
        </>
      }
      run={() => run.pay(key)}
    />
  );
}
