import { expect, logIn, test, type } from "./house";

const FIGURE = /House cash, NOK/;

test("a treasurer pays capital in, and the balance moves without a reload", async ({ page }) => {
  await logIn(page, "Treasurer");
  await page.goto("/ledger");
  // All currencies come in one answer: with this one, that of the figure below is there, too.
  await expect(page.getByText(/House cash, USD/)).toBeVisible();
  let loads = 0;
  page.on("load", () => (loads += 1));
  const reference = `Slip ${Date.now()}`;

  await page.getByRole("button", { name: "Pay in capital" }).click();
  const form = page.getByRole("dialog", { name: "Pay in capital" });
  await expect(form.getByRole("button", { name: "Pay in", exact: true })).toBeDisabled();
  await type(form.getByRole("textbox", { name: "Amount" }), "ten");
  await expect(form.getByText("Write an amount like 10000.00")).toBeVisible();
  await type(form.getByRole("textbox", { name: "Amount" }), "10 000");
  await form.getByRole("combobox", { name: "Currency" }).click();
  await page.getByRole("option", { name: "NOK" }).click();
  await type(form.getByRole("textbox", { name: "Reference" }), reference);
  const cash = page.getByText(FIGURE).locator("..");
  const before = (await cash.count()) > 0 ? await figure(cash.innerText()) : 0;
  await form.getByRole("button", { name: "Pay in NOK 10,000.00" }).click();
  await expect(form).toBeHidden();
  await expect
    .poll(async () => ((await cash.count()) > 0 ? figure(cash.innerText()) : 0))
    .toBe(before + 10_000);
  expect(loads).toBe(0);

  // The account's own list: among all transfers, those of the demo soon push a row out of sight.
  await page.getByRole("button", { name: /^House cash at .*NOK/ }).click();
  const row = page.getByRole("row").filter({ hasText: reference });
  await expect(row).toContainText("10,000.00");
});

const figure = async (text: Promise<string>) =>
  Number((await text).replace(/^.*NOK\s*/s, "").replaceAll(",", ""));

test("who may not pay in sees no button for it", async ({ page }) => {
  for (const role of ["Viewer", "Underwriter"]) {
    await logIn(page, role);
    await page.goto("/ledger");
    await expect(page.getByRole("heading", { name: "Cash", level: 1 })).toBeVisible();
    await expect(page.getByRole("button", { name: "Export CSV" })).toBeVisible();
    await expect(page.getByRole("button", { name: "Pay in capital" })).toHaveCount(0);
    await page.context().clearCookies();
  }
});
