import { chromium } from "@playwright/test";

/** The system's browser: nothing is downloaded. */
export const CHROMIUM = process.env.KONTOR_CHROMIUM ?? "/usr/bin/chromium";
export const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

export const launch = () => chromium.launch({ executablePath: CHROMIUM, args: ARGS });
