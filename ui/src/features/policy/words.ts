/** A word that the console does not know yet is shown as it came. */
const SCOPES: Record<string, string> = {
  all: "Everything",
  own: "Only their own",
  none: "Nothing",
};
export const scopeWords = (scope: string) => SCOPES[scope] ?? scope;

const ENGINES: Record<string, string> = {
  embedded: "Embedded",
  opa: "OPA",
  off: "Switched off",
};
export const engineName = (engine: string) => ENGINES[engine] ?? engine;

/** A policy is asked in microseconds, a remote one in milliseconds. */
export function took(micros: number): string {
  if (micros < 1_000) return `${micros} µs`;
  const ms = micros / 1_000;
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}
