import { Alert, Group, Stack } from "@mantine/core";
import { IconSend } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { payouts } from "@/api/client";
import { keys } from "@/api/keys";
import type { LateEvidence, Offer, Payout, PayoutAttempt } from "@/api/types";
import { Copy } from "@/kit/Copy";
import { failureWords } from "@/kit/failures";
import { Money } from "@/kit/Money";
import { Facts, Panel } from "@/kit/Panel";
import { Empty, ErrorBox, Lines } from "@/kit/states";
import { Status } from "@/kit/Status";
import { When } from "@/kit/When";
import { words } from "@/kit/words";
import classes from "./payouts.module.css";
import { SettleButton } from "./SettleButton";
import { storyOf } from "./story";
import { Trouble } from "./Trouble";

/** `maySettle`: whether this person may say what became of a payout that the rail is silent about. */
export function PayoutPanel({ offer, maySettle }: { offer: Offer; maySettle: boolean }) {
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
  return query.data.data.map((payout) => (
    <PayoutView key={payout.id} payout={payout} offer={offer} maySettle={maySettle} />
  ));
}

interface ViewProps {
  payout: Payout;
  offer: Offer;
  maySettle: boolean;
}

/** The rail was asked to pay, and nobody knows whether it did. */
const isUnknown = (payout: Payout) => payout.status === "UNKNOWN" || payout.status === "SENDING";

/** A person called it paid, and the rail has not spoken of it. */
const restsOnAWord = (payout: Payout) =>
  payout.status === "PAID" && payout.attempts.at(-1)?.error_code === "confirmed_by_hand";

function PayoutView({ payout, offer, maySettle }: ViewProps) {
  const asksForAWord = isUnknown(payout) || restsOnAWord(payout);
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
        <Stack gap={16}>
          <Trouble payout={payout} offer={offer} />
          {isUnknown(payout) && (
            <Alert color="yellow" variant="light" title="Nobody knows yet whether the money left">
              The rail is asked again and again; nothing is paid twice. When it stays silent, ask it
              by another way and say here what you found.
            </Alert>
          )}
          {restsOnAWord(payout) && (
            <Alert color="gray" variant="light" title="Paid by a person's word">
              The rail has not spoken of this payment yet. When it turns out that no money left,
              take the word back: the deal can then be paid again.
            </Alert>
          )}
          {/* Mounted for good: its dialog may be open while the rail speaks. */}
          {maySettle && (
            <Group hidden={!asksForAWord}>
              <SettleButton payout={payout} offer={offer} gone={!asksForAWord} />
            </Group>
          )}
          <Story payout={payout} />
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
              ["Payout id", <Copy key="id" text={payout.id} label="payout id" show={13} />],
            ]}
          />
        </Stack>
      </Panel>
      {payout.late_evidence.length > 0 && <Evidence items={payout.late_evidence} />}
      {payout.attempts.toReversed().map((attempt) => (
        <Attempt key={attempt.number} attempt={attempt} />
      ))}
    </>
  );
}

/** What happened, line by line, oldest first. */
function Story({ payout }: { payout: Payout }) {
  const steps = storyOf(payout);
  if (steps.length === 0) return null;
  return (
    <ol className={classes.story} aria-label="What happened">
      {steps.map((step, at) => (
        <li key={at} data-tone={step.tone}>
          <span>{step.text}</span>
          {step.at && (
            <span className="muted">
              <When at={step.at} />
            </span>
          )}
        </li>
      ))}
    </ol>
  );
}

const EVIDENCE: Record<string, string> = {
  pending: "The rail has it, although the payout was given up",
  paid: "Money left, although the payout was given up",
  returned: "It came back",
  failed: "It never left",
  unheard: "The rail has no payment that was called paid",
};

/** What the rail said against the books. */
function Evidence({ items }: { items: LateEvidence[] }) {
  return (
    <Alert color="red" variant="light" role="alert" title="The rail says otherwise than the books">
      <Stack gap={8}>
        {items.map((item) => (
          <span key={`${item.attempt}.${item.state}.${item.rail_reference}`}>
            {EVIDENCE[item.state] ?? words(item.state)} · <When at={item.seen_at} /> ·{" "}
            <Copy text={item.rail_reference} label="reference" show={18} />
            {item.transfer_id !== null && " · booked to suspense"}
          </span>
        ))}
      </Stack>
    </Alert>
  );
}

const readBacks = (count: number) => (count === 1 ? "Once" : `${count} times`);

function troubleOf({ error_code: code, error_message: message }: PayoutAttempt): string {
  const text = code === "confirmed_by_hand" || !message ? failureWords(code ?? "") : message;
  return text.charAt(0).toUpperCase() + text.slice(1);
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
          ["Read back", attempt.read_backs > 0 ? readBacks(attempt.read_backs) : null],
          [
            "Asked again",
            attempt.next_look_at === null ? null : <When key="look" at={attempt.next_look_at} />,
          ],
          [
            attempt.status === "PAID" ? "On the way" : "Error",
            attempt.error_code && (
              <>
                {troubleOf(attempt)} <span className="mono muted">{attempt.error_code}</span>
              </>
            ),
          ],
        ]}
      />
    </Panel>
  );
}
