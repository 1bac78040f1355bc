import { closedOffer, readyOffer } from "./api";
import { drawer, expect, logIn, openDeal, test, type } from "./house";

test("filters, search and sort are in the URL and survive a reload", async ({ page }) => {
  await logIn(page);
  await page.getByRole("button", { name: /^Ready/ }).click();
  await expect(page).toHaveURL(/show=ready/);
  await page.getByRole("button", { name: "Offered" }).click();
  await expect(page).toHaveURL(/sort=-amount/);
  await page.reload();
  await expect(page.getByRole("button", { name: /^Ready/ })).toHaveAttribute(
    "aria-pressed",
    "true",
  );
  await expect(page.getByRole("columnheader", { name: "Offered" })).toHaveAttribute(
    "aria-sort",
    "descending",
  );
  const shown = page.locator("[role=row] [data-status]");
  await expect(shown.first()).toHaveAttribute("data-status", "OFFER_READY");

  await type(page.getByLabel("Search deals"), "no such deal anywhere");
  await expect(page.getByText("No deal matches these filters")).toBeVisible();
  await page.getByRole("button", { name: "Clear filters" }).click();
  await expect(page).not.toHaveURL(/text=/);
});

test("columns are chosen and the CSV holds the rows", async ({ page }) => {
  await logIn(page);
  await page.getByRole("button", { name: "Choose columns" }).click();
  await page.getByRole("menuitemcheckbox", { name: "Platform" }).click();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("columnheader", { name: "Platform" })).toBeVisible();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export CSV" }).click();
  expect((await download).suggestedFilename()).toBe("deals.csv");
});

test("the keyboard is enough", async ({ page, api }) => {
  await logIn(page);
  // Oldest first: rows stay where they are while the demo makes new ones.
  await closedOffer(api);
  await page.goto("/offers?sort=created_at");
  await expect(page.getByRole("row").nth(2)).toBeVisible();
  await page.keyboard.press("j");
  const deal = drawer(page);
  const number = deal.getByText(/^[A-Z]+-\d+$/);
  const first = await number.textContent();
  await page.keyboard.press("j");
  await expect(number).not.toHaveText(first ?? "");
  await page.keyboard.press("k");
  await expect(number).toHaveText(first ?? "");
  await page.keyboard.press("Escape");
  await expect(deal).toBeHidden();
  await page.keyboard.press("?");
  const keys = page.getByRole("dialog", { name: "Keyboard" });
  await expect(keys).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(keys).toBeHidden();
  await page.keyboard.press("Control+k");
  await type(page.getByLabel("Go to", { exact: true }), "cash");
  await expect(page.getByRole("dialog").getByRole("button", { name: "Cash" })).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Cash", level: 1 })).toBeVisible();
});

test("a figure is followed to the rows of the files", async ({ page, api }) => {
  await logIn(page);
  await openDeal(page, await readyOffer(api, "Followed"));
  await drawer(page).getByRole("tab", { name: "Valuation" }).click();
  await expect(drawer(page).getByRole("img", { name: /monthly earnings/ })).toBeVisible();
  await page.getByRole("button", { name: /follow the last twelve months/ }).click();
  await expect(page.getByRole("dialog").getByText("Exact total")).toBeVisible();
});

test("a money action says amount and person, and can be left", async ({ page, api }) => {
  await logIn(page);
  await openDeal(page, await readyOffer(api, "Left"));
  await drawer(page).getByRole("button", { name: "Accept" }).click();
  const confirm = page.getByRole("button", { name: /^Accept [A-Z]{3} / });
  await expect(confirm).toBeDisabled();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(confirm).toBeHidden();
});

test("other terms are tried out and nothing is saved", async ({ page, api }) => {
  await logIn(page);
  await openDeal(page, await readyOffer(api, "Tried out"));
  const deal = drawer(page);
  await deal.getByRole("tab", { name: "Valuation" }).click();
  const table = deal.getByRole("table", { name: "Saved and what if" });
  const median = table.getByRole("row", { name: /^Median/ }).getByRole("cell");
  const saved = await median.nth(0).textContent();
  await expect(median.nth(1)).toHaveText("–");

  const share = deal.getByRole("slider", { name: "Share of the royalties" });
  await share.focus();
  await page.keyboard.press("Home");
  await expect(share).toHaveAttribute("aria-valuetext", "1%");
  await expect(median.nth(1)).toHaveText(/^[A-Z]{3} [\d,]+\.\d\d$/);
  await expect(median.nth(2)).toContainText("\u2212");

  const term = deal.getByRole("slider", { name: "Term" });
  await term.focus();
  await page.keyboard.press("End");
  await expect(term).toHaveAttribute("aria-valuetext", "Life of rights");
  await expect(table).toHaveAttribute("aria-busy", "false");
  await expect(deal.getByText("Not saved")).toBeVisible();
  await expect(median.nth(0)).toHaveText(saved ?? "");

  await deal.getByRole("button", { name: "Reset" }).click();
  await expect(median.nth(1)).toHaveText("–");
});

test("who may not ask for other terms is not offered to", async ({ page, api }) => {
  await logIn(page, "Viewer");
  await openDeal(page, await readyOffer(api, "Only seen"));
  await drawer(page).getByRole("tab", { name: "Valuation" }).click();
  await expect(drawer(page).getByText("Multiple")).toBeVisible();
  await expect(drawer(page).getByRole("slider")).toHaveCount(0);
});

test("the first load is under 250 kB of compressed script", async ({ page }) => {
  await logIn(page);
  await page.goto("/offers");
  await expect(page.getByRole("row").nth(1)).toBeVisible();
  // As the server sent them: what the browser received before it unpacked anything.
  const scripts = await page.evaluate(() =>
    (performance.getEntriesByType("resource") as PerformanceResourceTiming[])
      .filter((each) => new URL(each.name).pathname.endsWith(".js"))
      .map(({ name, encodedBodySize, decodedBodySize }) => ({
        name: new URL(name).pathname,
        encodedBodySize,
        decodedBodySize,
      })),
  );
  const sum = (sizes: number[]) => sizes.reduce((total, size) => total + size, 0);
  const sent = sum(scripts.map((each) => each.encodedBodySize));
  const unpacked = sum(scripts.map((each) => each.decodedBodySize));
  console.log(`first load: ${scripts.length} scripts, ${sent} bytes sent, ${unpacked} unpacked`);
  expect(unpacked).toBeGreaterThan(300_000);
  expect(sent).toBeGreaterThan(0);
  expect(sent).toBeLessThan(250_000);
});
