import { defineConfig } from "@playwright/test";
import { ARGS, CHROMIUM } from "./scripts/browser.js";

/** Without a server's address the journeys run on the built console and the mock of `dev/`. */
const given = process.env.KONTOR_URL;
const mock = "http://localhost:4174";

export default defineConfig({
  testDir: "e2e",
  // One server with one database stands behind all journeys.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [["list"], ["html", { open: "never" }]],
  use: {
    baseURL: given ?? mock,
    viewport: { width: 1440, height: 900 },
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: { executablePath: CHROMIUM, args: ARGS },
  },
  ...(given
    ? {}
    : {
        webServer: {
          command: "npm run preview:mock -- --port 4174 --strictPort",
          url: mock,
          reuseExistingServer: false,
        },
      }),
});
