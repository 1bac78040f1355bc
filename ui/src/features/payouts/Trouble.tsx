import { Alert } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { payouts } from "@/api/client";
import { keys } from "@/api/keys";
import { useSteps } from "@/api/may";
import type { Offer, Payout } from "@/api/types";
import { failureWords, wantsAnotherAccount } from "@/kit/failures";
import { formatMoney } from "@/kit/money";

/** A payout that did not arrive: what happened, where the money is, and what comes next. */
export function Trouble({ payout, offer }: { payout: Payout; offer: Offer }) {
  const mayPay = useSteps(offer).has("request_payout");
  const { status, failure_reason: code } = payout;
  if (status !== "FAILED" && status !== "RETURNED") return null;
  const amount = formatMoney(payout.amount);
  const why = failureWords(code ?? "unknown");
  const to = payout.recipient?.account_masked;
  return (
    <Alert
      color="red"
      variant="light"
      title={status === "FAILED" ? `Not paid: ${why}` : `Paid, and came back: ${why}`}
    >
      {status === "FAILED"
        ? `${amount}${to ? ` to ${to}` : ""} did not leave the house; it is free again. `
        : `${amount}${to ? ` to ${to}` : ""} left the house and is back; it lies in suspense until it is paid again. `}
      {mayPay ? nextStep(code) : "A treasurer can pay it again."}
    </Alert>
  );
}

const nextStep = (code: string | null) =>
  code !== null && wantsAnotherAccount(code)
    ? "Next: ask for the right account and change it above, then pay again."
    : "Next: pay again above; the account need not change.";

const NOT_ARRIVED = new Set(["PAYOUT_FAILED", "RETURNED"]);

/** The same above a deal, where nobody has looked at its payout yet. */
export function PayoutTrouble({ offer }: { offer: Offer }) {
  const failed = NOT_ARRIVED.has(offer.status);
  const query = useQuery({
    queryKey: keys.offers.payouts(offer.id),
    queryFn: () => payouts.forOffer(offer.id),
    enabled: failed,
  });
  const found = query.data?.data.find(
    (each) => each.status === "FAILED" || each.status === "RETURNED",
  );
  return failed && found ? <Trouble payout={found} offer={offer} /> : null;
}
