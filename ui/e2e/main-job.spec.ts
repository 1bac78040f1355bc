import { type Page } from "@playwright/test";
import { calmBank } from "./api";
import { drawer, expect, listOnly, live, logIn, test, type } from "./house";

/** Two seconds at the bank, and the jobs before and after them on a busy machine. */
const PAID = { timeout: 90_000 };
const IBAN = "DE89370400440532013000";

async function addCreator(page: Page, name: string): Promise<void> {
  await page.getByRole("link", { name: "New offer" }).filter({ visible: true }).first().click();
  await page.getByText("New creator").click();
  await type(page.getByRole("textbox", { name: "Name", exact: true }), name);
  await type(page.getByRole("textbox", { name: "Id on the platform", exact: true }), `id-${name}`);
  await type(
    page.getByRole("textbox", { name: "Username", exact: true }),
    name.toLowerCase().replaceAll(" ", "-"),
  );
  await page.getByRole("button", { name: "Add creator" }).click();
  await page.getByRole("button", { name: "Add account" }).click();
  await type(page.getByRole("textbox", { name: "IBAN" }), IBAN);
  await page.getByRole("button", { name: "Save account" }).click();
  await expect(page.getByText(/^Paid to/)).toBeVisible();
  await page.getByRole("button", { name: "Continue to statements" }).click();
}

async function addStatement(page: Page): Promise<void> {
  const samples = page.getByRole("region", { name: "Sample statements" });
  const sample = samples.getByRole("button", { name: /distrokid/i }).first();
  const zone = page.getByRole("button", { name: /Drop royalty statements here/ });
  await sample.dragTo(zone);
  await expect(page.getByRole("article").getByText("Total", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Confirm 1 statement" }).click();
  await page.getByRole("button", { name: "Continue with all works" }).click();
}

test("from a statement to a paid deal, seen live by somebody else", async ({
  page,
  browser,
  api,
}) => {
  await calmBank(api);
  const name = `Journey ${Date.now()}`;
  const title = `${name}, catalogue`;

  const other = await browser.newContext();
  const watcher = await other.newPage();
  await logIn(watcher, "Viewer");
  // Filtered, so that newer deals of the demo cannot push the row out of what is drawn.
  await listOnly(watcher, name);
  await expect(live(watcher)).toHaveText("Live");
  let loads = 0;
  watcher.on("load", () => (loads += 1));
  const row = watcher.getByRole("row").filter({ hasText: title });
  const status = row.locator("[data-status]");

  await logIn(page);
  await expect(live(page)).toHaveText("Live");
  await addCreator(page, name);
  await addStatement(page);
  await page.getByRole("button", { name: "Create offer" }).click();

  const deal = drawer(page);
  await expect(deal.locator("[data-status=OFFER_READY]")).toBeVisible();
  await expect(status).toHaveAttribute("data-status", "OFFER_READY");

  await deal.getByRole("button", { name: "Accept" }).click();
  await type(page.getByRole("textbox", { name: "Type the full name" }), name);
  await page.getByRole("button", { name: /^Accept [A-Z]{3} [\d,]+\.\d\d$/ }).click();
  await expect(status).toHaveAttribute("data-status", "ACCEPTED");

  await deal.getByRole("button", { name: "Pay out" }).click();
  await page.getByRole("button", { name: /^Pay [A-Z]{3} [\d,]+\.\d\d$/ }).click();
  await expect(status).toHaveAttribute("data-status", "CLOSED", PAID);

  await deal.getByRole("tab", { name: "Documents" }).click();
  const receipt = deal.getByRole("link", { name: "Open receipt" });
  await expect(receipt).toBeVisible();
  const file = await page.request.get((await receipt.getAttribute("href")) ?? "");
  expect(file.headers()["content-type"]).toContain("application/pdf");

  await deal.getByRole("tab", { name: "Payout" }).click();
  await expect(deal.getByText(/^Attempt 1/)).toBeVisible();
  await deal.getByRole("tab", { name: "Timeline" }).click();
  await expect(deal.getByRole("listitem").first()).toBeVisible();

  expect(loads).toBe(0);
  await other.close();
});
