/** Names, contrast and structure of every page, in light and dark, wide and narrow. */
import { closedOffer, readyOffer } from "./api";
import { check } from "./look";
import { drawer, expect, live, logIn, noSidewaysScroll, openDeal, test, toWorks } from "./house";

// What is looked at is the page, not a colour on its way to another.
test.use({ contextOptions: { reducedMotion: "reduce" } });

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test("login", async ({ page }) => {
      await page.goto("/login");
      await expect(page.getByRole("button", { name: /^Admin/ })).toBeVisible();
      await check(page, "login");
    });

    test("deals and the drawer", async ({ page, api }) => {
      await logIn(page);
      await expect(page.getByRole("row").nth(1)).toBeVisible();
      await check(page, "deals");
      await openDeal(page, await closedOffer(api));
      for (const tab of ["Overview", "Valuation", "Payout", "Documents", "Timeline"]) {
        await drawer(page).getByRole("tab", { name: tab }).click();
        await expect(drawer(page).getByRole("tabpanel", { name: tab })).toBeVisible();
        await expect(drawer(page).getByRole("status")).toHaveCount(0);
        await check(page, tab, "[role=dialog]");
      }
    });

    test("a what-if with its differences", async ({ page, api }) => {
      await logIn(page);
      await openDeal(page, await readyOffer(api, "Looked at"));
      await drawer(page).getByRole("tab", { name: "Valuation" }).click();
      await drawer(page).getByRole("slider", { name: "Term" }).focus();
      await page.keyboard.press("Home");
      const table = drawer(page).getByRole("table", { name: "Saved and what if" });
      await expect(table.getByRole("row", { name: /^Median.*%$/ })).toBeVisible();
      await expect(table).toHaveAttribute("aria-busy", "false");
      await check(page, "what if", "[role=dialog]");
    });

    test("sandbox bank", async ({ page }) => {
      await logIn(page);
      await page
        .getByRole("button", { name: /^Settings/ })
        .filter({ visible: true })
        .click();
      await page.getByRole("menuitem", { name: "Sandbox bank" }).click();
      await expect(page.getByLabel("Late return")).toBeVisible();
      await check(page, "sandbox bank", "[role=dialog]");
    });

    test("new offer", async ({ page }) => {
      await logIn(page);
      await page.goto("/offers/new");
      const creators = page.getByRole("list", { name: "Creators" });
      await expect(creators).toBeVisible();
      await check(page, "choose creator");
      await page.getByText("New creator").click();
      await expect(page.getByRole("button", { name: "Add creator" })).toBeVisible();
      await check(page, "new creator");
      await page.getByText("Known creator").click();
      await creators.getByRole("button").first().click();
      await page.getByRole("button", { name: "Continue to statements" }).click();
      await expect(page.getByRole("button", { name: /Drop royalty/ })).toBeVisible();
      await check(page, "statements");
    });

    test("works and terms", async ({ page, api }) => {
      await logIn(page);
      await toWorks(page, api);
      await check(page, "works");
      await page.getByRole("button", { name: "Continue with all works" }).click();
      await expect(page.getByRole("button", { name: "Create offer" })).toBeVisible();
      await check(page, "terms");
    });

    test("cash", async ({ page }) => {
      await logIn(page);
      for (const view of ["accounts", "transfers", "trial"]) {
        await page.goto(`/ledger?view=${view}`);
        await expect(live(page)).toHaveText("Live");
        await expect(page.getByRole("heading", { name: "Cash", level: 1 })).toBeVisible();
        await expect(page.getByRole("status", { name: "Loading" })).toHaveCount(0);
        await check(page, view);
        if (view === "trial") {
          await page
            .getByRole("button", { name: /accounts/ })
            .first()
            .click();
          await check(page, "trial balance, unfolded");
        }
      }
    });
  });
}

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test("every page fits and can be used", async ({ page, api }) => {
    await logIn(page);
    await expect(
      page.getByRole("region", { name: "Deals" }).getByRole("button").first(),
    ).toBeVisible();
    await noSidewaysScroll(page);
    await check(page, "deals on a phone");
    // Oldest first: cards stay where they are while the demo makes new ones.
    await page.goto("/offers?sort=created_at");
    await page.getByRole("region", { name: "Deals" }).getByRole("button").first().click();
    await expect(drawer(page)).toBeVisible();
    await noSidewaysScroll(page);
    await page.getByRole("button", { name: "Close deal" }).click();
    for (const path of ["/offers/new", "/ledger", "/ledger?view=transfers", "/ledger?view=trial"]) {
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expect(page.getByRole("status", { name: "Loading" })).toHaveCount(0);
      await noSidewaysScroll(page);
      await check(page, `${path} on a phone`);
    }
    await toWorks(page, api);
    await noSidewaysScroll(page);
    await check(page, "works on a phone");
  });
});
