import type { Decision } from "@/api/policy";

const SCOPES: Record<Decision["scope"], string> = {
  all: "Everything",
  own: "Only their own",
  none: "Nothing",
};
export const scopeWords = (scope: Decision["scope"]) => SCOPES[scope];

const ENGINES: Record<Decision["engine"], string> = {
  embedded: "Embedded",
  opa: "OPA",
  off: "Switched off",
};
export const engineName = (engine: Decision["engine"]) => ENGINES[engine];

/** A policy is asked in microseconds, a remote one in milliseconds. */
export function took(micros: number): string {
  if (micros < 1_000) return `${micros} µs`;
  const ms = micros / 1_000;
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}
