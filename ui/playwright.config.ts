import { defineConfig } from "@playwright/test";
import { ARGS, CHROMIUM } from "./scripts/browser.js";

export default defineConfig({
  testDir: "e2e",
  // One server with one database stands behind all journeys.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  // No tests of speed: a busy machine with slow cores must pass, too.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  reporter: [["list"], ["html", { open: "never" }]],
  use: {
    baseURL: process.env.KONTOR_URL ?? "http://localhost:3000",
    viewport: { width: 1440, height: 900 },
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: { executablePath: CHROMIUM, args: ARGS },
  },
});
