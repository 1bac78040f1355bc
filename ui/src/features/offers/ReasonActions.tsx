import { Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import type { Money, Offer } from "@/api/types";
import { ConfirmButton } from "@/kit/ConfirmButton";
import { decimalsOf, formatMoney, parseAmount } from "@/kit/money";
import { standing } from "./standing";

interface ReasonProps {
  offer: Offer;
  label: string;
  title: string;
  effect: string;
  required?: boolean;
  gone: boolean;
  run: (reason: string) => Promise<unknown>;
}

export function ReasonAction(props: ReasonProps) {
  const { offer, label, title, effect, required, gone, run } = props;
  const [reason, setReason] = useState("");
  return (
    <ConfirmButton
      label={label}
      title={title}
      confirm={label}
      danger
      button={{ variant: "default" }}
      disabled={required === true && reason.trim() === ""}
      gone={gone}
      {...standing(offer)}
      effect={<p>{effect}</p>}
      run={() => run(reason.trim())}
    >
      <Textarea
        label="Reason"
        description={required ? REQUIRED : "Optional. It stands on the timeline."}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        maxLength={500}
        required={required ?? false}
        autosize
        minRows={2}
        data-autofocus
      />
    </ConfirmButton>
  );
}

/** An asterisk alone says little. */
const REQUIRED = "Required. It stands on the timeline.";

interface AmountProps {
  offer: Offer;
  gone: boolean;
  run: (amount: Money, reason: string) => Promise<unknown>;
}

export function SetAmountAction({ offer, run, gone }: AmountProps) {
  const [text, setText] = useState(offer.offered?.amount ?? "");
  const [reason, setReason] = useState("");
  const parsed = parseAmount(text, decimalsOf(offer.currency));
  const amount = parsed === null ? null : { amount: parsed, currency: offer.currency };
  return (
    <ConfirmButton
      label="Change amount"
      title={`Change the offered amount of ${offer.number}`}
      confirm={amount ? `Offer ${formatMoney(amount)}` : "Offer"}
      button={{ variant: "default" }}
      disabled={!amount || reason.trim() === ""}
      gone={gone}
      {...standing(offer)}
      effect={
        <p>
          {offer.creator.display_name} is offered {amount ? formatMoney(amount) : "the new amount"}
          {offer.offered && <> instead of {formatMoney(offer.offered)}</>}. A new term sheet is
          made.
        </p>
      }
      run={() => (amount ? run(amount, reason.trim()) : Promise.resolve())}
    >
      <TextInput
        label={`Amount in ${offer.currency}`}
        inputMode="decimal"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        error={text !== "" && !parsed ? "Write an amount like 12400.00" : null}
        data-autofocus
        required
      />
      <Textarea
        label="Reason"
        description={REQUIRED}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        maxLength={500}
        autosize
        minRows={2}
        required
      />
    </ConfirmButton>
  );
}
