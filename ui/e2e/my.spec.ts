/** The house as a creator sees it, beside the house itself. */
import AxeBuilder from "@axe-core/playwright";
import { type Page } from "@playwright/test";
import { readyOffer } from "./api";
import { drawer, expect, live, logIn, noSidewaysScroll, openDeal, test, type } from "./house";

async function openAsCreator(page: Page): Promise<Page> {
  const opening = page.context().waitForEvent("page");
  await drawer(page).getByRole("link", { name: "Open as creator" }).click();
  const tab = await opening;
  await expect(tab.getByRole("article")).toBeVisible();
  return tab;
}

test("a creator accepts in one tab, and the house sees it in another", async ({ page, api }) => {
  const offer = await readyOffer(api, "My own");
  await logIn(page);
  await openDeal(page, offer);
  const tab = await openAsCreator(page);
  const mine = tab.getByRole("article", { name: offer.title });
  await expect(mine.getByText(/what the house offers you/)).toBeVisible();
  await expect(live(tab)).toHaveText("Live");

  const term = mine.getByRole("slider", { name: "Term" });
  await term.focus();
  await tab.keyboard.press("Home");
  await expect(mine.getByRole("row", { name: /^Median.*%$/ })).toBeVisible();

  const paper = tab.context().waitForEvent("page");
  await mine.getByRole("button", { name: "Open term sheet" }).click();
  await expect.poll(async () => (await paper).url()).toMatch(/^blob:/);
  await (await paper).close();

  await mine.getByRole("button", { name: "Accept" }).click();
  await type(tab.getByRole("textbox", { name: "Type the full name" }), "Northern Lanterns");
  await tab.getByRole("button", { name: /^Accept [A-Z]{3} [\d,]+\.\d\d$/ }).click();
  await expect(mine.locator("[data-status=ACCEPTED]")).toBeVisible();
  // The house did nothing: it is told by the event, and it is still itself.
  await expect(drawer(page).locator("[data-status=ACCEPTED]")).toBeVisible();
  await page.reload();
  await expect(page.getByRole("button", { name: "Settings: admin Admin" })).toBeVisible();
});

test("a creator finds the way to his own deals alone", async ({ page, api }) => {
  const offer = await readyOffer(api, "Alone");
  await logIn(page, "Underwriter");
  await openDeal(page, offer);
  const tab = await openAsCreator(page);
  for (const path of ["/offers", "/ledger", "/offers/new", "/"]) {
    await tab.goto(path);
    await expect(tab).toHaveURL(/\/my/);
    await expect(tab.getByRole("article")).toBeVisible();
  }
  const listed = await tab.getByRole("navigation", { name: "Your offers" }).innerText();
  expect(listed).toContain(offer.title);
  expect(listed).not.toMatch(/Velvet Harbour/);
  await tab.getByRole("button", { name: "Settings" }).click();
  await tab.getByRole("menuitem", { name: "Log out" }).click();
  // The tab is anybody's again, which is the browser's own login.
  await tab.goto("/offers");
  await expect(tab.getByRole("heading", { name: "Deals", level: 1 })).toBeVisible();
});

test("who may not open it as a creator is not offered to", async ({ page, api }) => {
  const offer = await readyOffer(api, "Not offered");
  await logIn(page, "Viewer");
  await openDeal(page, offer);
  await expect(drawer(page).getByRole("link", { name: "Open as creator" })).toHaveCount(0);
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme, contextOptions: { reducedMotion: "reduce" } });

    test("the page has names, contrast and structure, and fits a phone", async ({ page, api }) => {
      const offer = await readyOffer(api, `Looked at, ${colorScheme}`);
      await logIn(page);
      await openDeal(page, offer);
      const tab = await openAsCreator(page);
      await expect(tab.getByRole("slider", { name: "Term" })).toBeVisible();
      expect((await new AxeBuilder({ page: tab }).analyze()).violations).toEqual([]);
      await tab.setViewportSize({ width: 390, height: 844 });
      await noSidewaysScroll(tab);
      expect((await new AxeBuilder({ page: tab }).analyze()).violations).toEqual([]);
    });
  });
}
