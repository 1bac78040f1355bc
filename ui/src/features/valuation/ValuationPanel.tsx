import { IconChartLine } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useMemo, useState } from "react";
import { offers } from "@/api/client";
import { keys } from "@/api/keys";
import type { Offer, Valuation } from "@/api/types";
import { formatMoney } from "@/kit/money";
import { Panel } from "@/kit/Panel";
import { Empty, ErrorBox, Lines } from "@/kit/states";
import { monthName } from "@/kit/time";
import { Chart } from "./Chart";
import { ConfidenceParts, Rails } from "./Reasons";
import { Countries, Stores, Works } from "./Contributions";
import { KeyFigures } from "./KeyFigures";
import { forecastOption, historyOption } from "./options";
import { useChartPalette } from "./palette";
import { Sensitivity } from "./Sensitivity";
import { TraceModal } from "./TraceModal";
import { WhatIf } from "./WhatIf";

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
      <Charts value={value} />
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

function Charts({ value }: { value: Valuation }) {
  const colors = useChartPalette();
  const history = useMemo(() => historyOption(value, colors), [value, colors]);
  const forecast = useMemo(() => forecastOption(value, colors), [value, colors]);
  const first = value.history[0];
  const last = value.forecast.at(-1);
  const range = `${monthName(value.ltm_from)} to ${monthName(value.ltm_to)}`;
  return (
    <>
      <Panel title="Monthly earnings" aside={value.ltm.currency}>
        <Chart
          option={history}
          label={`Bars of monthly earnings since ${first ? monthName(first.month) : "the start"}. The last twelve months, ${range}, sum to ${formatMoney(value.ltm)}.`}
        />
      </Panel>
      <Panel title="Forecast per year, low to high" aside={value.ltm.currency}>
        <Chart
          option={forecast}
          label={`Forecast over ${value.forecast.length} years. ${
            last
              ? `In the last year the median is ${formatMoney({ amount: last.median, currency: value.ltm.currency })}.`
              : ""
          }`}
        />
      </Panel>
    </>
  );
}
