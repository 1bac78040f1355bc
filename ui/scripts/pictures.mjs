/** Pictures of every view for the docs: `KONTOR_URL=http://localhost:3000 npm run pictures`. */
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { launch } from "./browser.js";

const base = process.env.KONTOR_URL ?? "http://localhost:3000";
const folder =
  process.env.KONTOR_PICTURES ?? fileURLToPath(new URL("../../docs/pictures/", import.meta.url));
const SETTLE_MS = 600;

/** Opens the first row of a list, which on a phone is a card. */
const openRow = (list, dialog) => async (page) => {
  const rows = page.locator(`[role=table][aria-label="${list}"] [role=row][data-clickable]`);
  const cards = page.locator(`[role=region][aria-label="${list}"] button`);
  await rows.or(cards).first().click();
  await page.getByRole("dialog", { name: dialog }).waitFor();
};
const openFirst = openRow("Deals", "Deal");
const tab = (name) => async (page) => {
  await openFirst(page);
  await page.getByRole("tab", { name }).click();
};
const toStatements = async (page) => {
  await page.getByRole("list", { name: "Creators" }).getByRole("button").first().click();
  await page.getByRole("button", { name: "Continue to statements" }).click();
};
const withSample = async (page) => {
  await toStatements(page);
  const samples = page.getByRole("region", { name: "Sample statements" });
  await samples.getByRole("button").first().click();
  await page.getByRole("article").first().waitFor();
};

const toWorks = async (page) => {
  await toStatements(page);
  const known = page.getByRole("region", { name: "Statements from before" });
  await known.getByRole("checkbox").first().check();
  await page.getByRole("button", { name: "Confirm 1 statement" }).click();
  await page.getByRole("table", { name: "Works" }).waitFor();
  for (const at of [2, 4]) await page.getByRole("checkbox").nth(at).uncheck();
};
const toTerms = async (page) => {
  await toWorks(page);
  await page.getByRole("button", { name: /^Continue with/ }).click();
};
const whatIf = async (page) => {
  await tab("Valuation")(page);
  const share = page.getByRole("slider", { name: "Share of the royalties" });
  await share.focus();
  for (let step = 0; step < 15; step += 1) await page.keyboard.press("ArrowLeft");
  const table = page.getByRole("table", { name: "Saved and what if" });
  await table.getByRole("row", { name: /^Median.*%$/ }).waitFor();
  await table.scrollIntoViewIfNeeded();
};

const VIEWS = [
  ["deals", "/offers"],
  ["deal-overview", "/offers?show=ready", openFirst],
  ["deal-valuation", "/offers?show=ready", tab("Valuation")],
  ["deal-what-if", "/offers?show=ready", whatIf],
  ["deal-payout", "/offers?show=paid", tab("Payout")],
  ["deal-documents", "/offers?show=paid", tab("Documents")],
  ["deal-timeline", "/offers?show=paid", tab("Timeline")],
  ["new-offer-creator", "/offers/new"],
  ["new-offer-statements", "/offers/new", withSample],
  ["new-offer-works", "/offers/new", toWorks],
  ["new-offer-terms", "/offers/new", toTerms],
  ["cash-accounts", "/ledger"],
  ["cash-transfers", "/ledger?view=transfers"],
  ["cash-trial-balance", "/ledger?view=trial"],
  ["decisions", "/decisions"],
  ["decision", "/decisions", openRow("Decisions", "Decision")],
  ["users", "/users"],
  ["user", "/users", openRow("Users", "User")],
  ["signing-keys", "/users?view=keys"],
];

/** The last one: the tab stays the creator's. */
async function asCreator(page) {
  await page.goto(`${base}/offers?show=ready&sort=created_at`);
  await openFirst(page);
  const link = page.getByRole("link", { name: "Open as creator" });
  await page.goto(base + (await link.getAttribute("href")));
  await page.getByRole("slider", { name: "Term" }).waitFor();
}

async function logIn(page) {
  await page.goto(`${base}/login`);
  await page.getByRole("button", { name: /^Admin/ }).click();
  await page.waitForURL(/\/offers/);
}

async function take(page, name) {
  // The event stream never ends, so "network idle" never comes: skeletons are what to wait for.
  await page.waitForFunction(() => !document.querySelector('[role=status][aria-label="Loading"]'));
  await page.waitForTimeout(SETTLE_MS);
  await page.screenshot({ path: `${folder}/${name}.png` });
  console.log(name);
}

async function pictures(browser, width, colorScheme) {
  const height = width < 720 ? 844 : 900;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme });
  const page = await context.newPage();
  const suffix = `${width}-${colorScheme}`;
  await page.goto(`${base}/login`);
  await page.getByRole("button", { name: /^Admin/ }).waitFor();
  await take(page, `login-${suffix}`);
  await logIn(page);
  for (const [name, path, prepare] of VIEWS) {
    await page.goto(base + path);
    await prepare?.(page);
    await take(page, `${name}-${suffix}`);
  }
  await asCreator(page);
  await take(page, `my-offers-${suffix}`);
  await context.close();
}

mkdirSync(folder, { recursive: true });
const browser = await launch();
for (const width of [1440, 390]) {
  for (const scheme of ["light", "dark"]) await pictures(browser, width, scheme);
}
await browser.close();
