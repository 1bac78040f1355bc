import { Button, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useSteps } from "@/api/may";
import type { Offer } from "@/api/types";
import { ConfirmButton } from "@/kit/ConfirmButton";
import { formatMoney, formatPercent } from "@/kit/money";
import { termWords } from "@/kit/words";
import { ReasonAction, SetAmountAction } from "./ReasonActions";
import { useOfferActions } from "./hooks";
import classes from "./offers.module.css";

export type Run = ReturnType<typeof useOfferActions>;

/** Only what the server will do for this person in this state. */
export function Actions({ offer, recipient }: { offer: Offer; recipient: ReactNode }) {
  const run = useOfferActions(offer.id);
  const can = useSteps(offer);
  if (can.size === 0) return null;
  return (
    <div className={classes.actions}>
      {can.has("accept") && <AcceptAction offer={offer} run={run} />}
      {can.has("request_payout") &&
        (offer.creator.recipient ? <PayAction offer={offer} run={run} /> : recipient)}
      {can.has("value") && (
        <ConfirmButton
          label="Value again"
          title={`Value ${offer.number} again`}
          confirm="Value again"
          button={{ variant: "default" }}
          effect={
            <p>
              The statements are valued with today&apos;s settings. The present figures stay in the
              timeline{offer.offered && <>; the offered {formatMoney(offer.offered)} is replaced</>}
              .
            </p>
          }
          run={run.value}
        />
      )}
      {can.has("set_offered_amount") && <SetAmountAction offer={offer} run={run.setAmount} />}
      {can.has("decline") && (
        <ReasonAction
          label="Decline"
          title={`Decline ${offer.number}`}
          effect={`${offer.creator.display_name} declines the offer. It can be valued again later.`}
          run={run.decline}
        />
      )}
      {can.has("withdraw") && (
        <ReasonAction
          label="Withdraw"
          title={`Withdraw ${offer.number}`}
          effect={`The house takes the offer to ${offer.creator.display_name} back. This is final.`}
          required
          run={run.withdraw}
        />
      )}
    </div>
  );
}

export function AcceptAction({ offer, run }: { offer: Offer; run: Run }) {
  const [name, setName] = useState("");
  const { offered, term_sheet: sheet } = offer;
  if (!offered) return null;
  return (
    <ConfirmButton
      label="Accept"
      title={`Accept ${offer.number}`}
      confirm={`Accept ${formatMoney(offered)}`}
      disabled={name.trim().length < 2}
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

function PayAction({ offer, run }: { offer: Offer; run: Run }) {
  // The same state of the same deal gives the same key: a second click can never pay twice,
  // and after a failed payout the version has moved on, so that a new one can be asked for.
  const key = `console-${offer.id}-${offer.version}`;
  const amount = offer.acceptance?.amount ?? offer.offered;
  const { recipient } = offer.creator;
  if (!amount || !recipient) return <Button disabled>Pay</Button>;
  return (
    <ConfirmButton
      label="Pay out"
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
