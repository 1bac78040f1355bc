import { Checkbox, Radio, Stack, Textarea, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { payouts } from "@/api/client";
import { keys } from "@/api/keys";
import type { Offer, Payout } from "@/api/types";
import { ConfirmButton } from "@/kit/ConfirmButton";
import { formatMoney } from "@/kit/money";
import { statusLabel } from "@/kit/Status";
import { startWord, toWord, type Word } from "./word";

/** A treasurer's way out when the rail does not say whether it paid; takes "paid" back as well. */
interface Props {
  payout: Payout;
  offer: Offer;
  /** The rail has spoken, or somebody else has. */
  gone: boolean;
}

export function SettleButton({ payout, offer, gone }: Props) {
  const client = useQueryClient();
  const [word, setWord] = useState(startWord);
  const set = (change: Partial<Word>) =>
    setWord((now) => ({ ...now, ...change, key: startWord().key }));
  const body = toWord(word);
  const amount = formatMoney(payout.amount);
  const corrects = payout.status === "PAID";
  const confirm = {
    paid: `${amount} was paid`,
    not_paid: `${amount} was not paid`,
    none: "Settle",
  }[word.outcome ?? "none"];
  return (
    <ConfirmButton
      label={corrects ? "It was not paid" : "Settle by hand"}
      title={corrects ? "Take the word back" : "Did the money leave?"}
      confirm={confirm}
      disabled={!body}
      danger
      button={{ variant: "default" }}
      gone={gone}
      about={payout.status}
      now={`The payout is now "${statusLabel(payout.status)}".`}
      effect={
        <Effect
          outcome={word.outcome}
          amount={amount}
          to={offer.creator.display_name}
          corrects={corrects}
        />
      }
      run={async () => {
        if (!body) return;
        await payouts.confirmManual(payout.id, body, word.key);
        setWord(startWord());
        await client.invalidateQueries({ queryKey: keys.offers.payouts(offer.id) });
      }}
    >
      <WordFields word={word} set={set} corrects={corrects} />
    </ConfirmButton>
  );
}

interface FieldsProps {
  word: Word;
  set: (change: Partial<Word>) => void;
  corrects: boolean;
}

function WordFields({ word, set, corrects }: FieldsProps) {
  return (
    <Stack gap={16}>
      {corrects ? (
        <Checkbox
          label="The bank has no such payment, and will make none"
          checked={word.outcome === "not_paid"}
          onChange={(event) => set({ outcome: event.currentTarget.checked ? "not_paid" : null })}
          required
        />
      ) : (
        <Radio.Group
          label="What the bank says"
          value={word.outcome}
          onChange={(outcome) => set({ outcome: outcome === "paid" ? "paid" : "not_paid" })}
          required
        >
          <Stack gap={8} mt={8}>
            <Radio value="not_paid" label="It has no such payment, and will make none" />
            <Radio value="paid" label="It paid" />
          </Stack>
        </Radio.Group>
      )}
      <TextInput
        label="Reference of the bank"
        description={word.outcome === "paid" ? "As its statement has it." : "If it gave one."}
        value={word.reference}
        onChange={(event) => set({ reference: event.currentTarget.value })}
        maxLength={140}
        required={word.outcome === "paid"}
      />
      <Textarea
        label="How it is known"
        description="Required, at least 10 characters: who said so, when, on which paper. It is kept in the audit with your name."
        value={word.evidence}
        onChange={(event) => set({ evidence: event.currentTarget.value })}
        maxLength={2000}
        autosize
        minRows={2}
        required
      />
    </Stack>
  );
}

interface EffectProps {
  outcome: string | null;
  amount: string;
  to: string;
  corrects: boolean;
}

function Effect({ outcome, amount, to, corrects }: EffectProps) {
  if (corrects) {
    return (
      <p>
        {amount} for {to} was booked as paid by a person's word. It goes back to the house's cash
        against suspense, and the deal can be paid again. If the bank paid after all, {to} then has
        it twice.
      </p>
    );
  }
  if (outcome === null) {
    return (
      <p>
        {amount} for {to} is held, and the rail does not say whether it paid. Your word decides what
        is booked.
      </p>
    );
  }
  if (outcome === "paid") {
    return (
      <p>
        The held {amount} for {to} is booked as paid, and the receipt is made.
      </p>
    );
  }
  return (
    <p>
      The held {amount} for {to} is released, and the deal can be paid again. If the bank paid after
      all, {to} then has it twice.
    </p>
  );
}
