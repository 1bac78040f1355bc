import { gzipSync } from "node:zlib";
import { drawer, expect, logIn, openFirst, test } from "./house";

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

  await page.getByLabel("Search deals").fill("no such deal anywhere");
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

test("the keyboard is enough", async ({ page }) => {
  await logIn(page);
  await expect(page.getByRole("row").nth(1)).toBeVisible();
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
  await expect(page.getByRole("dialog", { name: "Keyboard" })).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.getByLabel("Go to", { exact: true }).fill("cash");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Cash", level: 1 })).toBeVisible();
});

test("a figure is followed to the rows of the files", async ({ page }) => {
  await logIn(page);
  await openFirst(page, "ready");
  await drawer(page).getByRole("tab", { name: "Valuation" }).click();
  await expect(drawer(page).getByRole("img", { name: /monthly earnings/ })).toBeVisible();
  await page.getByRole("button", { name: /Follow the last twelve months/ }).click();
  await expect(page.getByRole("dialog").getByText("Exact total")).toBeVisible();
});

test("a money action says amount and person, and can be left", async ({ page }) => {
  await logIn(page);
  await openFirst(page, "ready");
  await drawer(page).getByRole("button", { name: "Accept" }).click();
  const confirm = page.getByRole("button", { name: /^Accept [A-Z]{3} / });
  await expect(confirm).toBeDisabled();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(confirm).toBeHidden();
});

test("the first load is under 250 kB of compressed script", async ({ page }) => {
  let bytes = 0;
  page.on("response", async (response) => {
    if (!response.url().endsWith(".js")) return;
    bytes += gzipSync(await response.body()).length;
  });
  await logIn(page);
  await expect(page.getByRole("row").nth(1)).toBeVisible();
  console.log(`first load: ${Math.round(bytes / 1000)} kB of script`);
  expect(bytes).toBeLessThan(250_000);
});
