/** Letters that somebody types are text, whatever else they mean on the page. */
import { type Page } from "@playwright/test";
import { expect, listOnly, logIn, test, toWorks, type } from "./house";

/** Every key that means something outside of a field. */
const EVERY_KEY = "northern n/j k? North";

const ROLES = ["Admin", "Underwriter", "Treasurer", "Viewer"];

/** Types into every text field that is on screen; answers how many there were. */
async function typeIntoEach(page: Page): Promise<number> {
  const address = new URL(page.url()).pathname;
  const fields = page
    .locator("input:not([type=checkbox], [type=radio], [type=number], [type=file]), textarea")
    .filter({ visible: true });
  const count = await fields.count();
  for (let n = 0; n < count; n += 1) {
    const field = fields.nth(n);
    // Choices and amounts keep only what fits them; free text is kept to the letter.
    const kept = await field.evaluate(
      (input) =>
        !(input as HTMLInputElement).readOnly &&
        !(input as HTMLInputElement).disabled &&
        !["decimal", "numeric"].includes((input as HTMLInputElement).inputMode) &&
        !["date", "datetime-local"].includes((input as HTMLInputElement).type),
    );
    if (!kept) continue;
    const limit = await field.evaluate((input) => (input as HTMLInputElement).maxLength);
    await type(field, limit > 0 ? EVERY_KEY.slice(0, limit) : EVERY_KEY);
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.press("Delete");
  }
  expect(new URL(page.url()).pathname).toBe(address);
  return count;
}

for (const role of ROLES) {
  test(`${role} types into every field of every page`, async ({ page }) => {
    await logIn(page, role);
    for (const path of ["/offers", "/ledger", "/decisions", "/offers/new"]) {
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await typeIntoEach(page);
    }
    await listOnly(page, "no such deal");
    await type(page.getByLabel("Search deals"), EVERY_KEY);
    await expect(page).toHaveURL(/\/offers\?.*text=northern/);
  });
}

test("a form in a dialog keeps every letter", async ({ page }) => {
  await logIn(page, "Treasurer");
  await page.goto("/ledger");
  await page.getByRole("button", { name: "Pay in capital" }).click();
  const form = page.getByRole("dialog");
  await type(form.getByRole("textbox", { name: "Reference" }), EVERY_KEY);
  // Beside the fields, too, nothing leads away from what was filled in.
  await form.getByRole("button", { name: "Close" }).focus();
  for (const key of ["n", "/", "j", "?"]) await page.keyboard.press(key);
  await expect(form.getByRole("textbox", { name: "Reference" })).toHaveValue(EVERY_KEY);
  await expect(page).toHaveURL(/\/ledger/);
});

test("every field on the way to an offer keeps every letter", async ({ page, api }) => {
  await logIn(page, "Underwriter");
  await page.goto("/offers/new");
  await page.getByText("New creator").click();
  expect(await typeIntoEach(page)).toBeGreaterThan(2);
  await toWorks(page, api);
  expect(await typeIntoEach(page)).toBeGreaterThan(0);
});

test("outside of fields the keys do what they say", async ({ page }) => {
  await logIn(page);
  await page.keyboard.press("/");
  await expect(page.getByLabel("Search deals")).toBeFocused();
  await page.keyboard.press("ControlOrMeta+k");
  await expect(page.getByLabel("Go to", { exact: true })).toBeFocused();
  await page.keyboard.press("Escape");
  await page.getByRole("heading", { name: "Deals", level: 1 }).click();
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog", { name: "Keyboard" })).toBeHidden();
  await page.keyboard.press("n");
  await expect(page).toHaveURL(/\/offers\/new/);
});
