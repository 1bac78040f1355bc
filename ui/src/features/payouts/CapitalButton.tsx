import { Select, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { payouts } from "@/api/client";
import { keys } from "@/api/keys";
import { ConfirmButton } from "@/kit/ConfirmButton";
import { CURRENCIES } from "@/kit/currencies";
import { formatMoney } from "@/kit/money";
import { type Capital, startCapital, toCapital } from "./capital";
import classes from "./payouts.module.css";

/** A house of one's own starts with nothing: this is where its money comes from. */
export function CapitalButton() {
  const client = useQueryClient();
  const [capital, setCapital] = useState(startCapital);
  const body = toCapital(capital);
  // Other content is another payment; the same sent again after a lost answer is the same one.
  const set = (change: Partial<Capital>) =>
    setCapital((now) => ({ ...now, ...change, key: startCapital().key }));
  return (
    <ConfirmButton
      label="Pay in capital"
      title="Pay in capital"
      confirm={body ? `Pay in ${formatMoney(body.amount)}` : "Pay in"}
      disabled={!body}
      button={{ variant: "default" }}
      effect={
        <p>
          Money of the owners is booked to the house&apos;s cash account and can be paid out at
          once.
        </p>
      }
      run={async () => {
        if (!body) return;
        await payouts.payInCapital(body, capital.key);
        setCapital(startCapital());
        await client.invalidateQueries({ queryKey: keys.ledger.all });
      }}
    >
      <div className={classes.amount}>
        <TextInput
          label="Amount"
          placeholder="10000.00"
          inputMode="decimal"
          value={capital.amount}
          onChange={(event) => set({ amount: event.currentTarget.value })}
          error={capital.amount !== "" && !toCapital({ ...capital, reference: "x" }) && AMOUNT}
          required
          data-autofocus
        />
        <Select
          label="Currency"
          data={CURRENCIES}
          value={capital.currency}
          onChange={(currency) => set({ currency: currency ?? "EUR" })}
          allowDeselect={false}
          searchable
        />
      </div>
      <TextInput
        label="Reference"
        description="As the bank's statement has it."
        value={capital.reference}
        onChange={(event) => set({ reference: event.currentTarget.value })}
        maxLength={140}
        required
      />
    </ConfirmButton>
  );
}

const AMOUNT = "Write an amount like 10000.00";
