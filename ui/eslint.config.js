import js from "@eslint/js";
import hooks from "eslint-plugin-react-hooks";
import ts from "typescript-eslint";
import { readdirSync } from "node:fs";

const features = readdirSync(new URL("./src/features", import.meta.url));
const network = ["fetch", "XMLHttpRequest", "EventSource", "WebSocket"];

/** A feature may use kit and api; what several features need together is composed in app/. */
const featureRules = features.map((name) => ({
  files: [`src/features/${name}/**`],
  rules: {
    "no-restricted-imports": [
      "error",
      {
        patterns: [
          {
            group: features
              .filter((other) => other !== name)
              .map((other) => `@/features/${other}/*`),
            message: "A feature never imports another feature: compose them in app/.",
          },
          { group: ["@/app/*", "../../app/*"], message: "A feature never imports app/." },
          { group: ["../../*"], message: "Leave the feature by the @/ alias." },
        ],
      },
    ],
  },
}));

export default ts.config(
  { ignores: ["dist", "test-results", "playwright-report", "src/api/schema.gen.ts"] },
  js.configs.recommended,
  ...ts.configs.strict,
  hooks.configs.flat["recommended-latest"],
  {
    rules: {
      "max-lines-per-function": ["error", { max: 70, skipBlankLines: true, skipComments: true }],
      "max-lines": ["error", { max: 320, skipBlankLines: true, skipComments: true }],
      "@typescript-eslint/no-non-null-assertion": "error",
      // The virtualizer and the table keep their own mutable state on purpose.
      "react-hooks/incompatible-library": "off",
    },
  },
  {
    files: ["src/**"],
    ignores: ["src/api/**"],
    rules: {
      "no-restricted-globals": [
        "error",
        ...network.map((name) => ({ name, message: "Only src/api talks to the network." })),
      ],
    },
  },
  {
    files: ["src/**"],
    ignores: ["src/kit/useShortcuts.ts", "src/kit/layers.tsx"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector: "ImportSpecifier[imported.name='useHotkeys']",
          message: "Keys go through kit/useShortcuts: a letter that somebody types is no command.",
        },
        {
          selector: "ImportSpecifier[imported.name=/^(Modal|Drawer)$/]",
          message: "Dialogs and drawers are kit/layers: Escape closes the topmost one only.",
        },
      ],
    },
  },
  {
    files: ["src/kit/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [{ group: ["@/features/*", "@/app/*"], message: "The kit knows no feature." }],
        },
      ],
    },
  },
  ...featureRules,
  {
    files: ["*.config.js", "scripts/**", "public/**", "e2e/**"],
    languageOptions: { globals: nodeGlobals() },
  },
  {
    files: ["**/*.test.ts", "**/*.test.tsx", "e2e/**"],
    rules: { "max-lines-per-function": "off" },
  },
);

function nodeGlobals() {
  const names = ["process", "console", "URL", "document", "localStorage", "window", "setTimeout"];
  return Object.fromEntries(names.map((name) => [name, "readonly"]));
}
