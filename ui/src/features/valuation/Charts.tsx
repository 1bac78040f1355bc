import { useMemo } from "react";
import type { Valuation } from "@/api/types";
import { formatMoney } from "@/kit/money";
import { Panel } from "@/kit/Panel";
import { monthName } from "@/kit/time";
import { Chart } from "./Chart";
import { forecastOption, historyOption } from "./options";
import { useChartPalette } from "./palette";

export function Charts({ value }: { value: Valuation }) {
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
