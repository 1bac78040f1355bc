/** Who may log in: added, disabled, and told so where they are; what the house refuses in words. */
import { type Page } from "@playwright/test";
import { expect, logIn, noSidewaysScroll, test, type } from "./house";
import { check } from "./look";

const PASSWORD = "a-password-of-an-hour";
const USERS = "/api/v1/users";

const newName = (what: string) => `${what}-${Date.now().toString(36)}`;
const navigation = (page: Page) => page.getByRole("navigation").filter({ visible: true });
const drawer = (page: Page) => page.getByRole("dialog", { name: "User", exact: true });
const dialog = (page: Page, name: string | RegExp) => page.getByRole("dialog", { name });
const userRow = (page: Page, name: string) =>
  page
    .getByRole("table", { name: "Users" })
    .getByRole("row")
    .filter({ has: page.getByText(name, { exact: true }) });

async function toUsers(page: Page): Promise<void> {
  await navigation(page).getByRole("link", { name: "Users" }).click();
  await expect(page.getByRole("heading", { name: "Users", level: 1 })).toBeVisible();
  await expect(userRow(page, "treasurer")).toBeVisible();
}

async function addUser(page: Page, name: string, role: string): Promise<void> {
  await page.getByRole("button", { name: "Add user" }).click();
  const form = dialog(page, "Add a user");
  await type(form.getByRole("textbox", { name: "Username" }), name);
  await type(form.getByRole("textbox", { name: /^Password/ }), PASSWORD);
  await form.getByRole("checkbox", { name: role }).focus();
  await page.keyboard.press("Space");
  await expect(form).toContainText(`${name} can log in at once as ${role}.`);
  await form.getByRole("button", { name: `Add ${name}` }).click();
  await expect(form).toBeHidden();
}

async function logInAs(page: Page, name: string, password: string): Promise<void> {
  await page.goto("/login");
  await type(page.getByRole("textbox", { name: "Username" }), name);
  await type(page.getByRole("textbox", { name: "Password" }), password);
  await page.keyboard.press("Enter");
}

async function openMenu(page: Page, item: string): Promise<void> {
  await page
    .getByRole("button", { name: /^Settings/ })
    .filter({ visible: true })
    .click();
  await page.getByRole("menuitem", { name: item }).click();
}

test("a user is added, disabled where he stands, and let in again", async ({ page, browser }) => {
  const berta = newName("berta");
  await logIn(page);
  await toUsers(page);
  await addUser(page, berta, "Viewer");
  await expect(drawer(page)).toContainText(berta);
  await expect(drawer(page)).toContainText("Nobody is logged in with it now.");

  const theirs = await browser.newContext();
  const elsewhere = await theirs.newPage();
  await logInAs(elsewhere, berta, PASSWORD);
  await expect(elsewhere.getByRole("heading", { name: "Deals", level: 1 })).toBeVisible();
  await expect(elsewhere.getByTestId("live").filter({ visible: true })).toHaveText("Live");

  // The session comes by itself, and the dialog says what ends.
  await expect(
    drawer(page).getByRole("list", { name: "Sessions" }).getByRole("listitem"),
  ).toHaveCount(1);
  await drawer(page).getByRole("button", { name: "Disable", exact: true }).click();
  const disable = dialog(page, `Disable ${berta}`);
  await expect(disable).toContainText(`Disable ${berta}: 1 session ends at once.`);
  const yes = disable.getByRole("button", { name: `Disable ${berta}` });
  await expect(yes).toBeDisabled();
  await type(disable.getByLabel("Reason"), "left the house");
  await yes.click();
  await expect(disable).toBeHidden();
  await expect(drawer(page).getByText("Disabled", { exact: true })).toBeVisible();
  await expect(drawer(page)).toContainText("Nobody is logged in with it now.");

  await expect(dialog(elsewhere, "Your session has ended")).toBeVisible();
  await logInAs(elsewhere, berta, PASSWORD);
  await expect(elsewhere.getByRole("alert")).toBeVisible();
  await expect(elsewhere.getByRole("heading", { name: "Deals", level: 1 })).toHaveCount(0);

  await drawer(page).getByRole("button", { name: "Enable", exact: true }).click();
  const enable = dialog(page, `Enable ${berta}`);
  await type(enable.getByLabel("Reason"), "came back");
  await page.keyboard.press("Tab");
  await enable.getByRole("button", { name: `Enable ${berta}` }).click();
  await expect(drawer(page).getByText("Active", { exact: true })).toBeVisible();
  await logInAs(elsewhere, berta, PASSWORD);
  await expect(elsewhere.getByRole("heading", { name: "Deals", level: 1 })).toBeVisible();
  await theirs.close();
});

test("roles are changed by name, and a search finds who has them", async ({ page, api }) => {
  const cyd = newName("cyd");
  const added = await api.post(USERS, {
    data: { username: cyd, password: PASSWORD, roles: ["viewer"] },
  });
  expect(added.status()).toBe(201);
  await logIn(page);
  await toUsers(page);
  await type(page.getByLabel("Search users"), `${cyd} viewer`);
  await expect(page.getByRole("table", { name: "Users" }).getByRole("row")).toHaveCount(2);
  await userRow(page, cyd).click();
  await expect(page).toHaveTitle(`${cyd} · Kontor`);
  await drawer(page).getByRole("button", { name: "Change roles" }).click();
  const roles = dialog(page, `Change the roles of ${cyd}`);
  const yes = roles.getByRole("button", { name: "Change roles" });
  await expect(yes).toBeDisabled();
  await roles.getByRole("checkbox", { name: "Treasurer" }).check();
  await expect(roles).toContainText(`${cyd} becomes Viewer, Treasurer instead of Viewer.`);
  await yes.click();
  await expect(roles).toBeHidden();
  await expect(drawer(page)).toContainText(/Viewer, Treasurer|Treasurer, Viewer/);
  await page.getByRole("button", { name: "Close user" }).click();
  await type(page.getByLabel("Search users"), "nobody of this name");
  await expect(page.getByText("No user matches")).toBeVisible();
});

test("nobody disables himself, and the last admin is refused in words", async ({ page, api }) => {
  await logIn(page);
  await toUsers(page);
  await page
    .getByRole("table", { name: "Users" })
    .getByText("admin", { exact: true })
    .first()
    .click();
  await expect(drawer(page)).toContainText("This is you.");
  await expect(drawer(page).getByRole("button", { name: "Disable" })).toHaveCount(0);
  await drawer(page).getByRole("button", { name: "Change roles" }).click();
  const own = dialog(page, "Change the roles of admin");
  await expect(own.getByRole("checkbox", { name: "Admin" })).toBeDisabled();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Close user" }).click();

  // Two admins who disable each other at one moment: one of them is told this.
  const dora = newName("dora");
  const added = await api.post(USERS, {
    data: { username: dora, password: PASSWORD, roles: ["admin"] },
  });
  expect(added.status()).toBe(201);
  await page.route("**/api/v1/users/*/disable", (route) =>
    route.fulfill({
      status: 409,
      json: { error: { code: "last_admin", message: "x is the last admin", request_id: "r" } },
    }),
  );
  await page.reload();
  await userRow(page, dora).click();
  await drawer(page).getByRole("button", { name: "Disable", exact: true }).click();
  const disable = dialog(page, `Disable ${dora}`);
  await type(disable.getByLabel("Reason"), "one admin is enough");
  await disable.getByRole("button", { name: `Disable ${dora}` }).click();
  await expect(disable.getByRole("alert")).toHaveText(
    `The last admin who can log in is ${dora}. Make somebody else an admin first, then try again.`,
  );
  await expect(disable.getByLabel("Reason")).toHaveValue("one admin is enough");
});

test("one's own password is changed, and another session is ended", async ({
  page,
  browser,
  api,
}) => {
  const emil = newName("emil");
  const added = await api.post(USERS, {
    data: { username: emil, password: PASSWORD, roles: ["viewer"] },
  });
  expect(added.status()).toBe(201);
  await logInAs(page, emil, PASSWORD);
  const other = await browser.newContext();
  const elsewhere = await other.newPage();
  await logInAs(elsewhere, emil, PASSWORD);
  await expect(elsewhere.getByTestId("live").filter({ visible: true })).toHaveText("Live");

  await expect(page.getByRole("heading", { name: "Deals", level: 1 })).toBeVisible();
  await openMenu(page, "Password and sessions");
  const mine = dialog(page, "Password and sessions");
  const sessions = mine.getByRole("list", { name: "Your sessions" });
  await expect(sessions.getByRole("listitem")).toHaveCount(2);
  await expect(sessions.getByText("This one")).toHaveCount(1);
  await sessions.getByRole("button", { name: "End" }).click();
  await dialog(page, "End this session").getByRole("button", { name: "End session" }).click();
  await expect(sessions.getByRole("listitem")).toHaveCount(1);
  await expect(dialog(elsewhere, "Your session has ended")).toBeVisible();

  await type(mine.getByLabel(/^Current password/), "not-the-password");
  await type(mine.getByLabel(/^New password \*/), "another-password-here");
  await type(mine.getByLabel(/^New password again/), "another-password-here");
  await page.keyboard.press("Enter");
  await expect(mine.getByRole("alert")).toHaveText("The current password is wrong.");
  await expect(dialog(page, "Your session has ended")).toBeHidden();
  await type(mine.getByLabel(/^Current password/), PASSWORD);
  await mine.getByRole("button", { name: "Change password" }).click();
  await expect(mine.getByText("The password is changed.")).toBeVisible();
  await logInAs(elsewhere, emil, "another-password-here");
  await expect(elsewhere.getByRole("heading", { name: "Deals", level: 1 })).toBeVisible();
  await other.close();
});

test("a signing key is followed by a new one and withdrawn; the page goes on", async ({ page }) => {
  await logIn(page);
  await page.goto("/users?view=keys");
  await expect(page).toHaveTitle("Signing keys · Kontor");
  const all = page.getByRole("list", { name: "Signing keys" }).getByRole("listitem");
  const before = await all.filter({ hasText: "Signs" }).innerText();
  const count = await all.count();
  await page.getByRole("button", { name: "New key" }).click();
  await page.getByRole("button", { name: "Make a new key" }).click();
  await expect(all).toHaveCount(count + 1);
  await expect(all.filter({ hasText: "Signs" })).toHaveCount(1);
  const [id = ""] = before.split("\n");
  const old = all.filter({ hasText: id.replace("…", "") });
  await old.getByRole("button", { name: "Withdraw" }).click();
  const sure = dialog(page, /^Withdraw the key/);
  await expect(sure).toContainText("People stay logged in");
  await type(sure.getByLabel("Reason"), "seen by a stranger");
  await sure.getByRole("button", { name: /^Withdraw/ }).click();
  await expect(old).toContainText("Withdrawn");
  await navigation(page).getByRole("link", { name: "Cash" }).click();
  await expect(page.getByRole("button", { name: "Export CSV" })).toBeVisible();
  await expect(dialog(page, "Your session has ended")).toBeHidden();
});

test("the demo's new deals are stopped and let come again", async ({ page, api }) => {
  await logIn(page);
  await openMenu(page, "Sandbox bank");
  const arrive = page.getByRole("switch", { name: /^New deals arrive by themselves: one every/ });
  const running = async () => {
    const demo = (await (await api.get("/api/v1/demo")).json()) as {
      simulator: { running: boolean };
    };
    return demo.simulator.running;
  };
  const was = await running();
  await expect(arrive).toBeChecked({ checked: was });
  for (const next of [!was, was]) {
    await arrive.press("Space");
    await expect.poll(running).toBe(next);
    await expect(arrive).toBeChecked({ checked: next });
  }
});

test("a viewer has no entry for it, and the address tells why", async ({ page }) => {
  await logIn(page, "Viewer");
  await expect(navigation(page).getByRole("link", { name: "Cash" })).toBeVisible();
  await expect(navigation(page).getByRole("link", { name: "Users" })).toHaveCount(0);
  await page.goto("/users");
  await expect(page.getByText(/do not allow users.read/).first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Add user" })).toHaveCount(0);
});

// What is looked at is the page, not a colour on its way to another.
test.use({ contextOptions: { reducedMotion: "reduce" } });

for (const colorScheme of ["light", "dark"] as const) {
  for (const viewport of [
    { width: 1440, height: 900 },
    { width: 390, height: 844 },
  ]) {
    test.describe(`${colorScheme}, ${viewport.width} px`, () => {
      test.use({ colorScheme, viewport });

      test("users, keys and their dialogs can be read and fit", async ({ page }) => {
        await logIn(page);
        await page.goto("/users");
        await expect(page.getByText("treasurer", { exact: true }).first()).toBeVisible();
        await noSidewaysScroll(page);
        await check(page, "users");
        await page.getByRole("button", { name: "Add user" }).click();
        await expect(dialog(page, "Add a user")).toBeVisible();
        await check(page, "add a user", "[role=dialog]");
        await page.keyboard.press("Escape");
        await page.getByText("treasurer", { exact: true }).first().click();
        await expect(drawer(page).getByRole("button", { name: "Disable" })).toBeVisible();
        await noSidewaysScroll(page);
        await check(page, "user", "[role=dialog]");
        await page.goto("/users?view=keys");
        await expect(page.getByRole("list", { name: "Signing keys" })).toBeVisible();
        await noSidewaysScroll(page);
        await check(page, "keys");
        await openMenu(page, "Password and sessions");
        await expect(page.getByRole("list", { name: "Your sessions" })).toBeVisible();
        await check(page, "own account", "[role=dialog]");
      });
    });
  }
}
