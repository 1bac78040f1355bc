import { expect, live, logIn, test, type } from "./house";

test("a wrong password is told, and nothing else happens", async ({ page }) => {
  await page.goto("/login");
  await type(page.getByLabel("Username"), "admin");
  await type(page.getByLabel("Password", { exact: true }), "not the password");
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await expect(page).toHaveURL(/\/login/);
});

test("a link leads through the login to where it points", async ({ page }) => {
  await page.goto("/ledger?view=trial");
  await expect(page).toHaveURL(/\/login/);
  await page.getByRole("button", { name: /^Admin/ }).click();
  await expect(page.getByRole("heading", { name: "Cash", level: 1 })).toBeVisible();
  await expect(page).toHaveURL(/view=trial/);
});

test("after the logout the pages are closed", async ({ page }) => {
  await logIn(page);
  await expect(live(page)).toHaveText("Live");
  await page
    .getByRole("button", { name: /^Settings/ })
    .filter({ visible: true })
    .click();
  await page.getByRole("menuitem", { name: "Log out" }).click();
  await expect(page).toHaveURL(/\/login/);
  await page.goto("/offers");
  await expect(page).toHaveURL(/\/login/);
});

test("an unknown address says so", async ({ page }) => {
  await page.goto("/nowhere");
  await expect(page.getByText("There is no page at this address")).toBeVisible();
});
