import { useComputedColorScheme } from "@mantine/core";

export interface ChartPalette {
  text: string;
  line: string;
  accent: string;
  pale: string;
  surface: string;
}

const LIGHT: ChartPalette = {
  text: "#5c6165",
  line: "#e8e8e4",
  accent: "#2745c4",
  pale: "#b6c2f4",
  surface: "#ffffff",
};
const DARK: ChartPalette = {
  text: "#a0a6b2",
  line: "#23272f",
  accent: "#7d93ee",
  pale: "#3a4783",
  surface: "#1a1d24",
};

/** The chart library cannot read CSS variables, so the same colours stand here as values. */
export const useChartPalette = () => (useComputedColorScheme() === "dark" ? DARK : LIGHT);
