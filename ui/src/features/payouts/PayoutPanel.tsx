import { IconSend } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { payouts } from "@/api/client";
import { keys } from "@/api/keys";
import type { Offer, Payout, PayoutAttempt } from "@/api/types";
import { Copy } from "@/kit/Copy";
import { Money } from "@/kit/Money";
import { Facts, Panel } from "@/kit/Panel";
import { Empty, ErrorBox, Lines } from "@/kit/states";
import { Status } from "@/kit/Status";
import { When } from "@/kit/When";
import { words } from "@/kit/words";

export function PayoutPanel({ offer }: { offer: Offer }) {
  const query = useQuery({
    queryKey: keys.offers.payouts(offer.id),
    queryFn: () => payouts.forOffer(offer.id),
  });
  if (query.isPending) return <Lines count={5} />;
  if (query.isError) return <ErrorBox error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data.data.length === 0) {
    return (
      <Panel>
        <Empty
          icon={<IconSend size={20} />}
          title="No payout yet"
          text="A payout can be asked for once the offer is accepted and the creator has an account."
        />
      </Panel>
    );
  }
  return query.data.data.map((payout) => <PayoutView key={payout.id} payout={payout} />);
}

function PayoutView({ payout }: { payout: Payout }) {
  return (
    <>
      <Panel
        title={
          <>
            Payout of <Money value={payout.amount} />
          </>
        }
        aside={<Status code={payout.status} />}
      >
        <Facts
          items={[
            [
              "To",
              payout.recipient &&
                `${payout.recipient.holder_name}, ${payout.recipient.account_masked}`,
            ],
            ["Rail", payout.rail && words(payout.rail)],
            ["Requested", <When key="at" at={payout.created_at} />],
            ["Updated", <When key="updated" at={payout.updated_at} />],
            ["Failed because", payout.failure_reason],
            ["Payout id", <Copy key="id" text={payout.id} label="payout id" show={13} />],
          ]}
        />
      </Panel>
      {payout.attempts.toReversed().map((attempt) => (
        <Attempt key={attempt.number} attempt={attempt} />
      ))}
    </>
  );
}

function Attempt({ attempt }: { attempt: PayoutAttempt }) {
  return (
    <Panel
      title={`Attempt ${attempt.number} by ${words(attempt.rail).toLowerCase()}`}
      aside={<Status code={attempt.status} />}
    >
      <Facts
        items={[
          ["Started", <When key="at" at={attempt.started_at} />],
          ["Updated", <When key="updated" at={attempt.updated_at} />],
          [
            "Reference of the rail",
            attempt.rail_reference && (
              <Copy text={attempt.rail_reference} label="reference" show={18} />
            ),
          ],
          [
            "Idempotency key",
            <Copy key="key" text={attempt.idempotency_key} label="idempotency key" show={18} />,
          ],
          ["Read back", attempt.read_backs > 0 ? `${attempt.read_backs} times` : null],
          ["Error", attempt.error_code && `${attempt.error_code}: ${attempt.error_message ?? ""}`],
        ]}
      />
    </Panel>
  );
}
