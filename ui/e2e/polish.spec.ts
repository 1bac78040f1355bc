/** What one notices after a while: titles, the first keys, all rows, narrow windows, paper. */
import { type Locator, type Page } from "@playwright/test";
import { readFileSync } from "node:fs";
import type { Offer } from "../src/api/types";
import { closedOffer, readyOffer } from "./api";
import { check } from "./look";
import { drawer, expect, listOnly, logIn, noSidewaysScroll, openDeal, test, type } from "./house";

test("every page has a title of its own", async ({ page, api }) => {
  await page.goto("/login");
  await expect(page).toHaveTitle("Log in · Kontor");
  await logIn(page);
  await expect(page).toHaveTitle("Deals · Kontor");
  const offer = await closedOffer(api);
  await openDeal(page, offer);
  await expect(page).toHaveTitle(`${offer.number} ${offer.title} · Kontor`);
  await page.keyboard.press("Escape");
  await expect(page).toHaveTitle("Deals · Kontor");
  for (const [path, title] of [
    ["/offers/new", "New offer"],
    ["/ledger", "Cash"],
    ["/ledger?view=trial", "Trial balance"],
    ["/decisions", "Decisions"],
    ["/nowhere", "No such page"],
  ] as const) {
    await page.goto(path);
    await expect(page).toHaveTitle(`${title} · Kontor`);
  }
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await check(page, "not found");
});

test("the palette keeps what is typed before it is there", async ({ page }) => {
  await page.route(/Palette[^/]*\.(js|tsx)/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await route.continue();
  });
  await logIn(page);
  await page.keyboard.press("ControlOrMeta+k");
  await page.keyboard.type("cash");
  const palette = page.getByRole("dialog", { name: "Palette" });
  await expect(palette).toBeVisible();
  await expect(palette.getByLabel("Go to", { exact: true })).toHaveValue("cash");
  await page.keyboard.type("!");
  await expect(palette.getByLabel("Go to", { exact: true })).toHaveValue("cash!");
  await page.keyboard.press("Backspace");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/ledger/);
});

test("no letter is lost on the way into the palette, and nothing moves under it", async ({
  page,
}) => {
  await logIn(page);
  const frame = page.getByRole("table", { name: "Deals" });
  await expect(frame.getByRole("row").nth(1)).toBeVisible();
  for (const word of ["salt orchard", "northern", "velvet"]) {
    await page.keyboard.press("ControlOrMeta+k");
    await page.keyboard.type(word);
    await expect(page.getByLabel("Go to", { exact: true })).toHaveValue(word);
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog", { name: "Palette" })).toBeHidden();
    expect(await frame.evaluate((element) => element.scrollTop)).toBe(0);
  }
});

test("CSV has everything that the filter matches, and not what is loaded", async ({
  page,
  api,
}) => {
  const answer = await api.get("/api/v1/offers?sort=created_at&limit=1");
  const oldest = ((await answer.json()) as { data: Offer[] }).data[0];
  await logIn(page);
  await page.goto("/offers?sort=created_at");
  await expect(page.locator("[data-row='0']")).toBeVisible();
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export CSV" }).click();
  const file = await (await saved).path();
  const lines = readFileSync(file, "utf8").trim().split("\r\n");
  expect(lines[1]).toContain(oldest?.number ?? "nothing");
  const stats = await api.get("/api/v1/offers/stats");
  const { total: count } = (await stats.json()) as { total: number };
  // More than one page of the list; a few may have been made since.
  expect(count).toBeGreaterThan(100);
  expect(Math.abs(lines.length - 1 - count)).toBeLessThan(10);
});

test("required reasons say so, and only what can expire has a date for it", async ({
  page,
  api,
}) => {
  await logIn(page);
  const closed = await closedOffer(api);
  await openDeal(page, closed);
  await expect(drawer(page).getByText("Terms", { exact: true })).toBeVisible();
  await expect(drawer(page).getByText("Expires", { exact: true })).toHaveCount(0);
  await openDeal(page, await readyOffer(api, "Still open"));
  await expect(drawer(page).getByText("Expires", { exact: true })).toBeVisible();
  for (const step of ["Change amount", "Withdraw"]) {
    await drawer(page).getByRole("button", { name: step }).click();
    const form = page.getByRole("dialog", { name: new RegExp(step.split(" ")[0] ?? "") });
    await expect(form.getByText(/^Required/)).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(form).toBeHidden();
  }
});

/** Text that lies over other text, or out of its box. */
async function overprinted(page: Page, selector: string): Promise<string[]> {
  return page.locator(selector).evaluateAll((boxes) =>
    boxes.flatMap((box) => {
      const outer = box.getBoundingClientRect();
      return [...box.querySelectorAll("*")]
        .filter((each) => each.children.length === 0 && each.textContent?.trim())
        .filter((each) => {
          const own = each.getBoundingClientRect();
          return own.width > 0 && (own.right > outer.right + 1 || own.bottom > outer.bottom + 1);
        })
        .map((each) => each.textContent ?? "");
    }),
  );
}

/** Nothing of it is cut off at the side; whether the first row is below the fold is another matter. */
async function withinWidth(cell: Locator, width: number): Promise<void> {
  await expect(cell).toBeVisible();
  const box = await cell.boundingBox();
  expect(box?.x ?? -1).toBeGreaterThanOrEqual(0);
  expect((box?.x ?? width) + (box?.width ?? width)).toBeLessThanOrEqual(width);
}

for (const [name, width, height] of [
  ["200 % of a laptop", 720, 450],
  ["768 px", 768, 1024],
  ["1024 px", 1024, 768],
] as const) {
  test(`at ${name} nothing overprints and the figures are on the screen`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await logIn(page);
    await page.goto("/offers?sort=created_at");
    await expect(page.locator("[data-row='0']")).toBeVisible();
    await noSidewaysScroll(page);
    expect(await overprinted(page, "main [class*=figure]")).toEqual([]);
    const money = page.locator("[data-row='0'] [role=cell]").last();
    await withinWidth(money, width);
    await page.goto("/ledger");
    await expect(page.getByRole("button", { name: "Export CSV" })).toBeVisible();
    await noSidewaysScroll(page);
    expect(await overprinted(page, "main [class*=figure]")).toEqual([]);
    await page.goto("/ledger?view=transfers");
    await withinWidth(money, width);
    for (const path of ["/offers/new", "/decisions", "/ledger?view=trial"]) {
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await noSidewaysScroll(page);
    }
  });
}

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test("deals are sorted and searched", async ({ page }) => {
    await logIn(page);
    await page.getByRole("button", { name: "Sort", exact: true }).click();
    await page.getByRole("menuitemradio", { name: "Largest amount" }).click();
    await expect(page).toHaveURL(/sort=-amount/);
    await type(page.getByLabel("Search deals"), "no such deal");
    await expect(page.getByText("No deal matches these filters")).toBeVisible();
  });
});

test("on paper there is the deal, and nothing to click", async ({ page, api }) => {
  await logIn(page);
  await openDeal(page, await closedOffer(api));
  await page.emulateMedia({ media: "print" });
  await expect(drawer(page).getByRole("heading", { level: 2 }).first()).toBeVisible();
  await expect(page.getByRole("navigation", { name: "Main", exact: true })).toBeHidden();
  await expect(page.getByRole("button", { name: "Close deal" })).toBeHidden();
  await page.emulateMedia({ media: "screen" });
  await listOnly(page, "a");
  await page.emulateMedia({ media: "print" });
  await expect(page.locator("[data-row='0']")).toBeVisible();
  await expect(page.getByLabel("Search deals")).toBeHidden();
});

test("a creator's page opens at its top", async ({ page, api }) => {
  const offer = await readyOffer(api, "Seen from the top");
  await logIn(page);
  await page.goto(`/open-as/${offer.creator.id}?offer=${offer.id}`);
  await expect(page.getByRole("heading", { name: offer.title })).toBeInViewport();
  const scrolled = await page.evaluate(() =>
    [...document.querySelectorAll("*")].some((each) => each.scrollTop > 0),
  );
  expect(scrolled).toBe(false);
});
