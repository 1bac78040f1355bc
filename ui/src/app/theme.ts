import { createTheme, type MantineColorsTuple } from "@mantine/core";

const ink: MantineColorsTuple = [
  "#eef1fd",
  "#dbe1fa",
  "#b6c2f4",
  "#8fa2ee",
  "#6b83e6",
  "#4a66db",
  "#3653d0",
  "#2745c4",
  "#1f38a3",
  "#182c82",
];

// Mantine reads text from 0, borders from 4, surfaces from 6 and the page from 7.
const dark: MantineColorsTuple = [
  "#e4e6eb",
  "#c3c7d0",
  "#9aa0ad",
  "#737a89",
  "#2c313b",
  "#23272f",
  "#1a1d24",
  "#121419",
  "#0d0f13",
  "#08090c",
];

const gray: MantineColorsTuple = [
  "#f8f8f7",
  "#f1f1ef",
  "#e7e7e4",
  "#dadad6",
  "#c4c5c1",
  "#8f928f",
  "#666a6c",
  "#484c50",
  "#2c3035",
  "#16191d",
];

const field = { defaultProps: { size: "sm" } };

export const theme = createTheme({
  primaryColor: "ink",
  primaryShade: { light: 7, dark: 5 },
  colors: { ink, dark, gray },
  fontFamily: '"Inter Variable", system-ui, sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, monospace',
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "20px" },
  lineHeights: { xs: "1.35", sm: "1.45", md: "1.5", lg: "1.5", xl: "1.3" },
  spacing: { xs: "8px", sm: "12px", md: "16px", lg: "24px", xl: "32px" },
  defaultRadius: "6px",
  cursorType: "pointer",
  headings: { fontWeight: "620", sizes: { h1: { fontSize: "20px" }, h2: { fontSize: "16px" } } },
  // Plain objects and not Component.extend(): that would load every component with the first page.
  components: {
    Button: { defaultProps: { size: "sm" } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray" } },
    // A coloured title on its own colour is hard to read.
    Alert: { styles: { title: { color: "var(--mantine-color-text)" } } },
    Badge: { defaultProps: { variant: "light", radius: "sm" } },
    TextInput: field,
    PasswordInput: field,
    Textarea: field,
    NumberInput: field,
    Select: field,
    Tooltip: { defaultProps: { openDelay: 250, withArrow: true } },
    Modal: {
      defaultProps: { centered: true, radius: "12px" },
      styles: {
        title: { fontSize: 16, fontWeight: 640, overflowWrap: "anywhere" },
        // On a dark page a dark box without an edge would be lost.
        content: { border: "1px solid var(--k-line-strong)", background: "var(--k-raised)" },
        header: { background: "var(--k-raised)" },
      },
    },
    Drawer: { defaultProps: { position: "right" } },
  },
});
