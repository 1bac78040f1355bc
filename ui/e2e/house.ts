import {
  type APIRequestContext,
  expect,
  type Locator,
  type Page,
  test as base,
} from "@playwright/test";
import type { Offer } from "../src/api/types";
import { knownCreator, theApi } from "./api";

interface Fixtures {
  api: APIRequestContext;
  watched: undefined;
}

export const test = base.extend<Fixtures>({
  /** An admin beside the browser. */
  api: async ({ baseURL }, lend) => {
    const api = await theApi(baseURL);
    await lend(api);
    await api.dispose();
  },
  /** Any error of a page fails its journey: a blocked script is never "only a log". */
  watched: [
    async ({ page }, use) => {
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(error.message));
      page.on("console", (message) => {
        if (message.type() === "error" && /Content Security|React/.test(message.text())) {
          errors.push(message.text());
        }
      });
      await use(undefined);
      expect(errors).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

export async function logIn(page: Page, role = "Admin"): Promise<void> {
  await page.goto("/login");
  await page.getByRole("button", { name: new RegExp(`^${role}`) }).click();
  await expect(page.getByRole("heading", { name: "Deals", level: 1 })).toBeVisible();
}

/** Types as a person does, key by key, in place of what was there: every shortcut hears it. */
export async function type(field: Locator, text: string): Promise<void> {
  await field.click();
  await field.press("ControlOrMeta+a");
  await field.press("Delete");
  await field.pressSequentially(text);
  await expect(field).toHaveValue(text);
}

/** The side bar's badge; on a phone the one in the top bar. */
export const live = (page: Page) => page.getByTestId("live").filter({ visible: true });

export const drawer = (page: Page) => page.getByRole("dialog", { name: "Deal" });

/** Alone in its list: rows of the demo come, go and move while a journey looks for its own. */
export async function openDeal(page: Page, offer: Offer): Promise<void> {
  await listOnly(page, offer.title);
  const number = page.getByText(offer.number, { exact: true });
  await page.getByRole("row").filter({ has: number }).click();
  await expect(drawer(page).locator(number)).toBeVisible();
}

/** The deals that have this text. They are asked for before this is over. */
export async function listOnly(page: Page, text: string): Promise<void> {
  await page.goto(`/offers?text=${encodeURIComponent(text)}`);
  const rows = page.getByRole("table", { name: "Deals" });
  await expect(rows.or(page.getByText("No deal matches these filters"))).toBeVisible();
}

export async function noSidewaysScroll(page: Page): Promise<void> {
  const wide = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(wide).toBeLessThanOrEqual(0);
}

/** From a known creator with a confirmed statement to the choice of works: no upload is needed. */
export async function toWorks(page: Page, api: APIRequestContext): Promise<void> {
  const { display_name: name } = await knownCreator(api);
  await page.goto("/offers/new");
  await type(page.getByLabel("Search creators"), name);
  await page
    .getByRole("list", { name: "Creators" })
    .getByRole("button")
    .filter({ hasText: name })
    .click();
  await page.getByRole("button", { name: "Continue to statements" }).click();
  const known = page.getByRole("region", { name: "Statements from before" });
  await known.getByRole("checkbox").first().check();
  await page.getByRole("button", { name: "Confirm 1 statement" }).click();
  await expect(page.getByRole("table", { name: "Works" }).getByRole("row").nth(1)).toBeVisible();
}
