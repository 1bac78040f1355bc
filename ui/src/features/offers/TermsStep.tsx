import {
  Alert,
  Button,
  Group,
  NumberInput,
  SegmentedControl,
  Select,
  Stack,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { offers } from "@/api/client";
import type { Offer, OfferKind } from "@/api/types";
import { CURRENCIES } from "@/kit/currencies";
import { errorText } from "@/kit/states";
import { checkTerms, startTerms, type Terms, TERM_CHOICES, toNewOffer } from "./terms";
import classes from "./terms.module.css";

interface Props {
  creatorId: string;
  creatorName: string;
  statementIds: string[];
  currency: string | null;
  /** Null for all of them. */
  works: string[] | null;
  onBack: () => void;
  onCreated: (offer: Offer) => void;
}

export function TermsStep(props: Props) {
  const [terms, setTerms] = useState(() => startTerms(props.creatorName, props.currency));
  const errors = checkTerms(terms);
  const save = useMutation({
    mutationFn: () => offers.create(toNewOffer(terms, props)),
    onSuccess: props.onCreated,
  });
  const set = (change: Partial<Terms>) => setTerms((now) => ({ ...now, ...change }));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (Object.keys(errors).length === 0) save.mutate();
      }}
    >
      <Stack gap={16}>
        <KindField kind={terms.kind} onKind={(kind) => set({ kind })} />
        <TextInput
          label="Title"
          value={terms.title}
          onChange={(event) => set({ title: event.currentTarget.value })}
          required
        />
        <TermFields terms={terms} set={set} errors={errors} />
        <Textarea
          label="Note"
          value={terms.description}
          onChange={(event) => set({ description: event.currentTarget.value })}
          autosize
          minRows={2}
        />
        {save.isError && (
          <Alert color="red" variant="light" role="alert">
            {errorText(save.error)}
          </Alert>
        )}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={props.onBack}>
            Back
          </Button>
          <Button type="submit" loading={save.isPending} disabled={Object.keys(errors).length > 0}>
            Create offer
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function KindField({ kind, onKind }: { kind: OfferKind; onKind: (kind: OfferKind) => void }) {
  return (
    <Labelled label="Kind">
      <SegmentedControl
        aria-label="Kind"
        value={kind}
        onChange={(next) => onKind(next as OfferKind)}
        data={[
          { value: "purchase", label: "Purchase" },
          { value: "advance", label: "Advance" },
        ]}
      />
      <div className={classes.hint}>
        {kind === "purchase"
          ? "The house buys the share of the royalties for the term."
          : "The house pays in advance and recoups from the share of the royalties."}
      </div>
    </Labelled>
  );
}

interface FieldProps {
  terms: Terms;
  set: (change: Partial<Terms>) => void;
  errors: ReturnType<typeof checkTerms>;
}

function TermFields({ terms, set, errors }: FieldProps) {
  return (
    <>
      <Labelled label="Term">
        <SegmentedControl
          aria-label="Term"
          value={terms.term}
          onChange={(term) => set({ term })}
          data={TERM_CHOICES}
        />
      </Labelled>
      <div className={classes.grid}>
        <NumberInput
          label="Share of the royalties"
          value={terms.sharePercent ?? ""}
          onChange={(value) => set({ sharePercent: value === "" ? null : Number(value) })}
          min={1}
          max={100}
          decimalScale={2}
          suffix=" %"
          error={errors.share}
          required
        />
        <Select
          label="Currency"
          data={CURRENCIES}
          value={terms.currency}
          onChange={(currency) => set({ currency: currency ?? "EUR" })}
          allowDeselect={false}
          searchable
        />
        <TextInput
          label="Requested by the creator"
          placeholder="Optional"
          inputMode="decimal"
          value={terms.requested}
          onChange={(event) => set({ requested: event.currentTarget.value })}
          error={errors.requested}
        />
        <Select
          label="Language of the documents"
          data={[
            { value: "en", label: "English" },
            { value: "sv", label: "Swedish" },
          ]}
          value={terms.language}
          onChange={(language) => set({ language: language === "sv" ? "sv" : "en" })}
          allowDeselect={false}
        />
      </div>
    </>
  );
}

function Labelled({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <div className={classes.label}>{label}</div>
      {children}
    </div>
  );
}
