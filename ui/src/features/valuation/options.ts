/** What the two charts show, as data for the chart library. */
import type { EChartsCoreOption } from "echarts/core";
import type { Valuation } from "@/api/types";
import { formatMoney, formatShort } from "@/kit/money";
import { monthName } from "@/kit/time";
import type { ChartPalette } from "./palette";

interface TipItem {
  dataIndex: number;
}

const escape = (text: string) => text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);

function frame(colors: ChartPalette, tip: (index: number) => string[]): EChartsCoreOption {
  return {
    animation: false,
    grid: {
      left: 4,
      right: 12,
      top: 12,
      bottom: 4,
      outerBoundsMode: "same",
      outerBoundsContain: "axisLabel",
    },
    textStyle: { fontFamily: "Inter Variable, system-ui, sans-serif" },
    tooltip: {
      trigger: "axis",
      confine: true,
      backgroundColor: colors.surface,
      borderColor: colors.line,
      padding: [8, 12],
      textStyle: { color: colors.text, fontSize: 12 },
      axisPointer: { type: "line", lineStyle: { color: colors.text, type: "dashed" } },
      formatter: (items: TipItem[]) =>
        tip(items[0]?.dataIndex ?? 0)
          .map(escape)
          .join("<br>"),
    },
    yAxis: {
      type: "value",
      splitNumber: 3,
      axisLabel: { color: colors.text, fontSize: 11, formatter: formatShort },
      splitLine: { lineStyle: { color: colors.line } },
    },
  };
}

const axis = (colors: ChartPalette, data: string[]) => ({
  type: "category",
  data,
  axisLine: { lineStyle: { color: colors.line } },
  axisTick: { show: false },
  axisLabel: { color: colors.text, fontSize: 11, hideOverlap: true },
});

export function historyOption(value: Valuation, colors: ChartPalette): EChartsCoreOption {
  const { currency } = value.ltm;
  const inLtm = (month: string) => month >= value.ltm_from && month <= value.ltm_to;
  return {
    ...frame(colors, (index) => {
      const month = value.history[index];
      if (!month) return [];
      return [
        monthName(month.month) + (month.complete ? "" : ", not complete"),
        formatMoney({ amount: month.amount, currency }),
        `${month.units.toLocaleString("en-GB")} units`,
      ];
    }),
    xAxis: axis(
      colors,
      value.history.map((each) => monthName(each.month)),
    ),
    series: [
      {
        type: "bar",
        barCategoryGap: "22%",
        data: value.history.map((each) => ({
          value: Number(each.amount),
          itemStyle: {
            color: inLtm(each.month) ? colors.accent : colors.pale,
            opacity: each.complete ? 1 : 0.45,
            borderRadius: [2, 2, 0, 0],
          },
        })),
      },
    ],
  };
}

export function forecastOption(value: Valuation, colors: ChartPalette): EChartsCoreOption {
  const { currency } = value.ltm;
  const line = { type: "line", symbol: "none", smooth: 0.25 };
  return {
    ...frame(colors, (index) => {
      const year = value.forecast[index];
      if (!year) return [];
      const text = (amount: string) => formatMoney({ amount, currency });
      return [
        `Year ${year.year}`,
        `High ${text(year.high)}`,
        `Median ${text(year.median)}`,
        `Low ${text(year.low)}`,
      ];
    }),
    xAxis: {
      ...axis(
        colors,
        value.forecast.map((each) => `Year ${each.year}`),
      ),
      boundaryGap: false,
    },
    series: [
      // The band is an invisible line with the difference stacked on it.
      {
        ...line,
        stack: "band",
        lineStyle: { opacity: 0 },
        data: value.forecast.map((each) => Number(each.low)),
      },
      {
        ...line,
        stack: "band",
        lineStyle: { opacity: 0 },
        areaStyle: { color: colors.pale, opacity: 0.55 },
        data: value.forecast.map((each) => Number(each.high) - Number(each.low)),
      },
      {
        ...line,
        lineStyle: { color: colors.accent, width: 2 },
        data: value.forecast.map((each) => Number(each.median)),
      },
    ],
  };
}
