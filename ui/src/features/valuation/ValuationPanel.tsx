import { Skeleton } from "@mantine/core";
import { IconChartLine } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, type ReactNode, useState } from "react";
import { offers } from "@/api/client";
import { keys } from "@/api/keys";
import type { Offer, Valuation } from "@/api/types";
import { LazyPart } from "@/kit/LazyPart";
import { Panel } from "@/kit/Panel";
import { WhenCalm } from "@/kit/WhenCalm";
import { Empty, ErrorBox, Lines } from "@/kit/states";
import { ConfidenceParts, Rails } from "./Reasons";
import { Countries, Stores, Works } from "./Contributions";
import { KeyFigures } from "./KeyFigures";
import { Sensitivity } from "./Sensitivity";
import { TraceModal } from "./TraceModal";
import { WhatIf } from "./WhatIf";

// The chart library is larger than all the rest of the page, which can be read without it.
const Charts = lazy(() => import("./Charts").then((m) => ({ default: m.Charts })));

interface Props {
  offer: Offer;
  /** Whether this person may ask the server for other terms. */
  mayReprice: boolean;
}

export function ValuationPanel({ offer, mayReprice }: Props) {
  // Nothing is asked for that cannot be there yet; the event stream brings the moment.
  const valued = offer.price_median !== null;
  const query = useQuery({
    queryKey: keys.offers.valuation(offer.id),
    queryFn: () => offers.valuation(offer.id),
    enabled: valued,
  });
  if (!valued) {
    return (
      <Panel>
        <Empty
          icon={<IconChartLine size={20} />}
          title="Not valued yet"
          text="The valuation appears here as soon as the statements are read."
        />
      </Panel>
    );
  }
  if (query.isPending) return <Lines count={10} />;
  if (query.isError) return <ErrorBox error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <Report offerId={offer.id} value={query.data}>
      {mayReprice && <WhatIf key={query.data.computed_at} offer={offer} saved={query.data} />}
    </Report>
  );
}

interface ReportProps {
  offerId: string;
  value: Valuation;
  children: ReactNode;
}

function Report({ offerId, value, children }: ReportProps) {
  const [figure, setFigure] = useState<string | null>(null);
  return (
    <>
      <KeyFigures value={value} onTrace={setFigure} />
      <LazyPart fallback={<ChartsWaiting />}>
        <WhenCalm fallback={<ChartsWaiting />}>
          <Charts value={value} />
        </WhenCalm>
      </LazyPart>
      {children}
      <Rails value={value} />
      <ConfidenceParts value={value} />
      <Sensitivity value={value} />
      <Works value={value} onTrace={setFigure} />
      <Stores value={value} />
      <Countries value={value} />
      {figure && (
        <TraceModal
          offerId={offerId}
          figure={figure}
          currency={value.ltm.currency}
          onClose={() => setFigure(null)}
        />
      )}
    </>
  );
}

/** In the shape of the drawings, so that nothing moves when they come. */
function ChartsWaiting() {
  return ["Monthly earnings", "Forecast per year, low to high"].map((title) => (
    <Panel key={title} title={title}>
      <Skeleton height={200} />
    </Panel>
  ));
}
