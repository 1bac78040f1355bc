/** No network, no files, no session: each is a sentence and a way on, and typed text stays. */
import { readyOffer } from "./api";
import { drawer, expect, logIn, openDeal, test, type } from "./house";

const WHY = "because the contract is not signed";

test("an ended session is said where one is, and typed text survives", async ({
  page,
  api,
  context,
}) => {
  const offer = await readyOffer(api, "Interrupted");
  await logIn(page, "Underwriter");
  await openDeal(page, offer);
  await drawer(page).getByRole("button", { name: "Withdraw" }).click();
  const form = page.getByRole("dialog", { name: /^Withdraw/ });
  await type(form.getByRole("textbox", { name: /Reason/ }), WHY);
  await context.clearCookies();
  await form.getByRole("button", { name: "Withdraw" }).click();
  const ended = page.getByRole("dialog", { name: "Your session has ended" });
  await expect(ended).toBeVisible();
  await expect(page).toHaveURL(/\/offers/);
  await expect(ended.getByLabel("Username")).toHaveValue("underwriter");
  await ended.getByLabel(/^Password/).pressSequentially("kontor-demo-2026");
  await page.keyboard.press("Enter");
  await expect(ended).toBeHidden();
  await expect(form.getByRole("textbox", { name: /Reason/ })).toHaveValue(WHY);
  await form.getByRole("button", { name: "Withdraw" }).click();
  await expect(form).toBeHidden();
  await expect(drawer(page).locator("[data-status=WITHDRAWN]").first()).toBeVisible();
});

test("offline is a sentence, and what was typed can be sent afterwards", async ({
  page,
  api,
  context,
}) => {
  const offer = await readyOffer(api, "Tunnel");
  await logIn(page, "Underwriter");
  await openDeal(page, offer);
  await drawer(page).getByRole("button", { name: "Withdraw" }).click();
  const form = page.getByRole("dialog", { name: /^Withdraw/ });
  await type(form.getByRole("textbox", { name: /Reason/ }), WHY);
  await context.setOffline(true);
  await expect(page.getByText("You are offline.")).toBeVisible();
  await form.getByRole("button", { name: "Withdraw" }).click();
  await expect(form.getByText(/The server cannot be reached/)).toBeVisible();
  await expect(form.getByRole("textbox", { name: /Reason/ })).toHaveValue(WHY);
  await context.setOffline(false);
  await expect(page.getByText("You are offline.")).toBeHidden();
  await form.getByRole("button", { name: "Withdraw" }).click();
  await expect(form).toBeHidden();
});

test("a form of the new offer fails with a sentence, not with an endless wheel", async ({
  page,
  context,
}) => {
  await logIn(page, "Underwriter");
  await page.goto("/offers/new");
  await page.getByText("New creator").click();
  await type(page.getByRole("textbox", { name: "Name", exact: true }), "Nora North");
  await type(page.getByRole("textbox", { name: "Id on the platform" }), "nora-1");
  await type(page.getByRole("textbox", { name: "Username" }), "nora");
  await context.setOffline(true);
  await page.getByRole("button", { name: "Add creator" }).click();
  await expect(page.getByText(/The server cannot be reached/)).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Name", exact: true })).toHaveValue("Nora North");
});

test("a file that a deploy took away is a sentence beside what one was doing", async ({ page }) => {
  await page.route(/(OfferPanel|Palette)[^/]*\.(js|tsx)/, (route) =>
    route.fulfill({ status: 404 }),
  );
  await logIn(page);
  await type(page.getByLabel("Search deals"), "north");
  await expect(page).toHaveURL(/text=north/);
  await page.keyboard.press("ControlOrMeta+k");
  const word = page.getByText("A part of the console could not be loaded.");
  await expect(word).toBeVisible();
  // What waited for the file does not keep the keys.
  await type(page.getByLabel("Search deals"), "northern");
  await page.getByRole("button", { name: "Not now" }).click();
  await expect(word).toBeHidden();
  await expect(page.getByLabel("Search deals")).toHaveValue("northern");
  await page.goto("/offers?sort=created_at");
  await page.getByRole("row").nth(1).click();
  await expect(word).toBeVisible();
  await expect(page.getByRole("heading", { name: "Deals", level: 1 })).toBeVisible();
  await expect(page.getByRole("button", { name: "Load again" })).toBeVisible();
});

test("a console whose own script is gone says so", async ({ page }) => {
  await page.route(/(assets\/index|src\/main)[^/]*\.(js|tsx)/, (route) =>
    route.fulfill({ status: 404, body: "{}" }),
  );
  await page.goto("/login");
  await expect(page.getByText("Kontor could not be loaded.")).toBeVisible();
  await expect(page.getByRole("link", { name: "Load again" })).toBeVisible();
});
