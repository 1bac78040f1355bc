import { expect, type Page, test as base } from "@playwright/test";

/** Any error of a page fails its journey: a blocked script or a broken render is never "only a log". */
export const test = base.extend<{ watched: undefined }>({
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

/** The side bar's badge; on a phone the one in the top bar. */
export const live = (page: Page) => page.getByTestId("live").filter({ visible: true });

export const drawer = (page: Page) => page.getByRole("dialog", { name: "Deal" });

export async function openFirst(page: Page, show: string): Promise<void> {
  await page.goto(`/offers?show=${show}`);
  await page.getByRole("table", { name: "Deals" }).getByRole("row").nth(1).click();
  await expect(drawer(page)).toBeVisible();
}

export async function noSidewaysScroll(page: Page): Promise<void> {
  const wide = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(wide).toBeLessThanOrEqual(0);
}
