import { Button } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useMay } from "@/api/may";
import { putOffer } from "@/api/sync";
import type { Creator, Offer, Statement } from "@/api/types";
import { CreatorStep } from "@/features/creators/CreatorStep";
import { TermsStep } from "@/features/offers/TermsStep";
import { StatementStep } from "@/features/statements/StatementStep";
import { Summary } from "@/features/statements/Summary";
import { ofCurrency, totalsByCurrency } from "@/features/statements/totals";
import { usable } from "@/features/statements/uploads";
import { useUploads } from "@/features/statements/useUploads";
import { type Scope, WorksStep } from "@/features/statements/WorksStep";
import { PageHead, Panel } from "@/kit/Panel";
import { Empty } from "@/kit/states";
import { Initials } from "@/kit/Initials";
import { useDemo } from "../session";
import classes from "./NewOffer.module.css";
import { Steps } from "./Steps";
import { useTitle } from "@/kit/useTitle";

const TITLES = [
  "Who is the creator?",
  "What do the statements say?",
  "Which works?",
  "On which terms?",
];

/** The way of a new offer: creators, statements and offers each own one step of it. */
export function NewOfferRoute() {
  useTitle("New offer");
  const creates = useMay("offers.create");
  return creates ? <NewOffer /> : <NotYours />;
}

/** Said before anything is filled in, and not after. */
function NotYours() {
  return (
    <div className={classes.page}>
      <PageHead title="New offer" />
      <Panel>
        <Empty
          icon={<IconLock size={20} />}
          title="New offers are made by underwriters"
          text="Your login may look at deals, but the server would refuse a new one. Ask whoever runs this house for the role."
          action={
            <Button component={Link} to="/offers" variant="default">
              Go to Deals
            </Button>
          }
        />
      </Panel>
    </div>
  );
}

function NewOffer() {
  const [step, setStep] = useState(0);
  const [creator, setCreator] = useState<Creator | null>(null);
  // Each step starts at its top, also on a phone that was scrolled down to the button.
  const top = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Newer browsers answer a promise here, which is no clean-up of an effect.
    void top.current?.scrollIntoView({ block: "start" });
  }, [step]);
  const chooseCreator = (next: Creator | null) => {
    setCreator(next);
    if (next === null) setStep(0);
  };
  return (
    <div className={classes.page} ref={top}>
      <PageHead title="New offer" />
      <Steps at={step} onStep={setStep} />
      {step === 0 || !creator ? (
        <Panel title={TITLES[0]}>
          <CreatorStep creator={creator} onCreator={chooseCreator} onNext={() => setStep(1)} />
        </Panel>
      ) : (
        <LaterSteps key={creator.id} creator={creator} step={step} onStep={setStep} />
      )}
    </div>
  );
}

/** The one currency that the offer is in, the statements that are, too, and the works left out. */
function useCurrency(confirmed: Statement[]) {
  const [chosen, setChosen] = useState<string | null>(null);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const choose = (next: string) => {
    setChosen(next);
    setLeft(new Set());
  };
  const currencies = totalsByCurrency(confirmed);
  const found = currencies.find((each) => each.currency === chosen) ?? currencies[0];
  const currency = found?.currency ?? null;
  const counted = ofCurrency(confirmed, found?.currency);
  return { currencies, currency, counted, choose, left, setLeft };
}

interface LaterProps {
  creator: Creator;
  step: number;
  onStep: (step: number) => void;
}

function LaterSteps({ creator, step, onStep }: LaterProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const demo = useDemo();
  const uploads = useUploads(creator.id);
  const [reused, setReused] = useState<Statement[]>([]);
  const [confirmed, setConfirmed] = useState<Statement[]>([]);
  const [scope, setScope] = useState<Scope | null>(null);
  const { currencies, currency, counted, choose, left, setLeft } = useCurrency(confirmed);
  const shown = step > 1 ? counted : [...reused, ...usable(uploads.list)];

  const onCreated = (offer: Offer) => {
    putOffer(client, offer);
    void navigate({ to: "/offers", search: { offer: offer.id } });
  };
  return (
    <div className={classes.columns}>
      <Panel title={TITLES[step]}>
        {step === 1 ? (
          <StatementStep
            creatorId={creator.id}
            samples={demo?.samples ?? []}
            uploads={uploads}
            reused={reused}
            onReused={setReused}
            onBack={() => onStep(0)}
            onConfirmed={(all) => {
              setConfirmed(all);
              onStep(2);
            }}
          />
        ) : step === 2 ? (
          <WorksStep
            statements={counted}
            currencies={currencies}
            onCurrency={choose}
            left={left}
            onLeft={setLeft}
            onBack={() => onStep(1)}
            onNext={(next) => {
              setScope(next);
              onStep(3);
            }}
          />
        ) : (
          <TermsStep
            creatorId={creator.id}
            creatorName={creator.display_name}
            statementIds={counted.map((each) => each.id)}
            currency={currency}
            works={scope?.titles ?? null}
            onBack={() => onStep(2)}
            onCreated={onCreated}
          />
        )}
      </Panel>
      <aside className={classes.aside} aria-label="Summary">
        <Panel>
          <div className={classes.creator}>
            <Initials name={creator.display_name} size={32} />
            <strong>{creator.display_name}</strong>
          </div>
        </Panel>
        <Summary statements={shown} scope={step === 3 ? scope : null} />
      </aside>
    </div>
  );
}
