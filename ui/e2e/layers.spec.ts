/** What lies over what, where the focus is, and what moves under somebody's hands. */
import { createOffer, readyOffer, theApi } from "./api";
import { drawer, expect, listOnly, live, logIn, openDeal, test, type } from "./house";

const inside = (selector: string) => `${selector} :focus, ${selector}:focus`;

test("Enter opens a row, the focus goes into the drawer and back to the row", async ({ page }) => {
  await logIn(page);
  await page.goto("/offers?sort=created_at");
  const rows = page.getByRole("table", { name: "Deals" }).locator("[data-row]");
  await rows.first().focus();
  await page.keyboard.press("ArrowDown");
  await expect(rows.nth(1)).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(drawer(page)).toBeVisible();
  await expect(page.locator(inside("[role=dialog]"))).toHaveCount(1);
  await page.keyboard.press("Tab");
  await expect(page.locator("[role=dialog] :focus")).toHaveCount(1);
  await page.keyboard.press("j");
  await expect(page.locator("[data-row='2'][data-active]")).toHaveCount(1);
  await page.keyboard.press("Escape");
  await expect(drawer(page)).toBeHidden();
  await expect(page.locator("[data-row='2']")).toBeFocused();
});

test("a table of thousands is one Tab stop", async ({ page }) => {
  await logIn(page);
  await page.goto("/offers?sort=created_at");
  const table = page.getByRole("table", { name: "Deals" });
  await expect(table.getByRole("row").nth(1)).toBeVisible();
  await page.getByRole("button", { name: "Export CSV" }).focus();
  await page.keyboard.press("Tab");
  await expect(table.locator("[data-row='0']")).toBeFocused();
  await page.keyboard.press("End");
  await expect(table.locator("[data-row]:focus")).not.toHaveAttribute("data-row", "0");
  await page.keyboard.press("Tab");
  await expect(table.locator(":focus")).toHaveCount(0);
  await page.keyboard.press("Shift+Tab");
  await expect(table.locator("[data-row]:focus")).toHaveCount(1);
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowUp");
  await expect(table.getByRole("columnheader").locator(":focus")).toHaveCount(1);
});

test("Escape closes the topmost layer only", async ({ page, api }) => {
  const offer = await readyOffer(api, "Layers");
  await logIn(page);
  await openDeal(page, offer);
  await drawer(page).getByRole("button", { name: "Change amount" }).click();
  const form = page.getByRole("dialog", { name: /Change the offered amount/ });
  await type(form.getByRole("textbox", { name: /Reason/ }), "round figures");
  await page.keyboard.press("ControlOrMeta+k");
  await expect(page.getByLabel("Go to", { exact: true })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.getByLabel("Go to", { exact: true })).toBeHidden();
  await expect(form).toBeVisible();
  await expect(form.getByRole("textbox", { name: /Reason/ })).toHaveValue("round figures");
  await page.keyboard.press("Escape");
  await expect(form).toBeHidden();
  await expect(drawer(page)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(drawer(page)).toBeHidden();

  await page.goto("/ledger");
  await page.getByRole("button", { name: "Pay in capital" }).click();
  const capital = page.getByRole("dialog", { name: "Pay in capital" });
  await capital.getByRole("combobox", { name: "Currency" }).click();
  await expect(page.getByRole("option", { name: "NOK" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("option", { name: "NOK" })).toBeHidden();
  await expect(capital).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(capital).toBeHidden();
});

test("somebody else's step does not close my dialog without a word", async ({ page, api }) => {
  const offer = await readyOffer(api, "Two of us");
  await logIn(page, "Underwriter");
  await openDeal(page, offer);
  await expect(live(page)).toHaveText("Live");
  await drawer(page).getByRole("button", { name: "Decline" }).click();
  const form = page.getByRole("dialog", { name: /^Decline/ });
  await type(form.getByRole("textbox", { name: /Reason/ }), "the numbers do not add up");

  // The amount changes: the same step, but another question.
  const cheaper = { amount: "1.00", currency: offer.offered?.currency };
  await api.post(`/api/v1/offers/${offer.id}/offered-amount`, {
    data: { amount: cheaper, reason: "meanwhile" },
  });
  await expect(form.getByText("This has changed while you were here")).toBeVisible();
  await expect(form.getByText(/at \w{3} 1\.00/)).toBeVisible();
  await expect(form.getByRole("button", { name: "Decline" })).toBeDisabled();
  await form.getByRole("button", { name: "Look again" }).click();
  await expect(form.getByRole("button", { name: "Decline" })).toBeEnabled();

  // And then the step itself is gone.
  await api.post(`/api/v1/offers/${offer.id}/withdraw`, { data: { reason: "faster than you" } });
  await expect(form.getByText(/is now "Withdrawn"/)).toBeVisible();
  await expect(form.getByRole("textbox", { name: /Reason/ })).toHaveValue(
    "the numbers do not add up",
  );
  await form.getByRole("button", { name: "Look at what it is now" }).click();
  await expect(form).toBeHidden();
  await expect(drawer(page).locator("[data-status=WITHDRAWN]").first()).toBeVisible();
});

test("rows do not move under the mouse: new deals wait", async ({ page, baseURL }) => {
  const api = await theApi(baseURL);
  const first = await createOffer(api, "Held still");
  await logIn(page);
  await listOnly(page, "Held still");
  await expect(live(page)).toHaveText("Live");
  const top = page.locator("[data-row='0']");
  await expect(top).toContainText(first.title);
  await top.hover();
  const second = await createOffer(api, "Held still");
  await createOffer(api, "Held still");
  const pill = page.getByRole("button", { name: "2 new deals" });
  await expect(pill).toBeVisible();
  await expect(top).toContainText(first.title);
  await expect(page.getByText(second.title)).toHaveCount(0);
  await pill.click();
  await expect(page.getByRole("row").filter({ hasText: second.title })).toBeVisible();
  await expect(pill).toBeHidden();
  await api.dispose();
});
