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

const SOURCES: Record<string, string> = { "part of the program": "Part of the program" };
/** Where policies come from: an address or a folder is shown as it is. */
export const sourceWords = (source: string) => SOURCES[source] ?? source;

/** What went wrong when the policy was last looked for, by who decides. */
export const faultTitle = (engine: string) =>
  engine === "opa"
    ? "The OPA did not answer; while it is away nobody is let in"
    : "The last new policy could not be taken; the one above still decides";

/** A policy is asked in microseconds, a remote one in milliseconds. */
export function took(micros: number): string {
  if (micros < 1_000) return `${micros} µs`;
  const ms = micros / 1_000;
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}
