/** What the policy decided, as those see it who look after the house. */
import { type APIRequestContext, type Page } from "@playwright/test";
import { theApi } from "./api";
import { expect, logIn, noSidewaysScroll, test as base, type } from "./house";
import { check } from "./look";

const DECISIONS = "/api/v1/policy/decisions";

const test = base.extend<{ viewer: APIRequestContext }>({
  /** Somebody who may read the house, and not what the policy decided. */
  viewer: async ({ baseURL }, lend) => {
    const api = await theApi(baseURL, "viewer");
    await lend(api);
    await api.dispose();
  },
});

async function refuse(viewer: APIRequestContext): Promise<void> {
  expect((await viewer.get(DECISIONS)).status()).toBe(403);
}

const navigation = (page: Page) => page.getByRole("navigation").filter({ visible: true });
const results = (page: Page, result: string) => page.locator(`[data-status=${result}]`);
const drawer = (page: Page) => page.getByRole("dialog", { name: "Decision" });

test("an allow and a deny are there, and a new one comes by itself", async ({ page, viewer }) => {
  await refuse(viewer);
  await logIn(page);
  await navigation(page).getByRole("link", { name: "Decisions" }).click();
  await expect(page.getByRole("heading", { name: "Decisions", level: 1 })).toBeVisible();
  await expect(page.getByRole("region", { name: "Policy in force" })).toContainText("Embedded");
  await expect(results(page, "allow").first()).toHaveText("Allowed");

  await page.getByText("Denied", { exact: true }).first().click();
  await expect(page).toHaveURL(/result=deny/);
  await type(page.getByLabel("Who asked", { exact: true }), "viewer");
  await type(page.getByLabel("Action", { exact: true }), "decisions.read");
  await expect(page).toHaveURL(/action=decisions/);
  const denied = results(page, "deny");
  await expect(denied.first()).toBeVisible();
  await expect(results(page, "allow")).toHaveCount(0);

  const before = await denied.count();
  await refuse(viewer);
  await expect(denied).toHaveCount(before + 1);

  await denied.first().click();
  await expect(drawer(page)).toContainText("decisions.read");
  await expect(drawer(page)).toContainText("viewer");
  await expect(drawer(page)).toContainText("Nothing");
  await page.reload();
  await expect(drawer(page)).toContainText("decisions.read");
  await page.getByRole("button", { name: "Close decision" }).click();
  await expect(drawer(page)).toBeHidden();
});

test("filters that match nothing say so, and let go", async ({ page }) => {
  await logIn(page);
  await page.goto("/decisions?actor=nobody-of-this-name");
  await expect(page.getByText("No decision matches")).toBeVisible();
  await page.getByRole("button", { name: "Show all" }).click();
  await expect(results(page, "allow").first()).toBeVisible();
  await expect(page.getByLabel("Who asked", { exact: true })).toHaveValue("");
});

test("a viewer has no entry for it, and the address tells why", async ({ page }) => {
  await logIn(page, "Viewer");
  await expect(navigation(page).getByRole("link", { name: "Cash" })).toBeVisible();
  await expect(navigation(page).getByRole("link", { name: "Decisions" })).toHaveCount(0);
  await page.keyboard.press("ControlOrMeta+k");
  const palette = page.getByRole("dialog");
  await expect(palette.getByRole("button", { name: "Cash" })).toBeVisible();
  await expect(palette.getByRole("button", { name: "Decisions" })).toHaveCount(0);
  await page.goto("/decisions");
  await expect(page.getByText(/do not allow decisions.read/).first()).toBeVisible();
});

// What is looked at is the page, not a colour on its way to another.
test.use({ contextOptions: { reducedMotion: "reduce" } });

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test("decisions and the drawer", async ({ page, viewer }) => {
      await refuse(viewer);
      await logIn(page);
      await page.goto("/decisions?result=deny");
      await expect(results(page, "deny").first()).toBeVisible();
      await check(page, "decisions");
      await results(page, "deny").first().click();
      await expect(drawer(page)).toBeVisible();
      await check(page, "decision", "[role=dialog]");
    });
  });
}

test.describe("phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

  test("decisions are cards that fit", async ({ page, viewer }) => {
    await refuse(viewer);
    await logIn(page);
    await page.goto("/decisions?result=deny");
    const cards = page.getByRole("region", { name: "Decisions" }).getByRole("button");
    await expect(cards.first()).toBeVisible();
    await noSidewaysScroll(page);
    await check(page, "decisions on a phone");
    await cards.first().click();
    await expect(drawer(page)).toBeVisible();
    await noSidewaysScroll(page);
    await check(page, "decision on a phone", "[role=dialog]");
  });
});
