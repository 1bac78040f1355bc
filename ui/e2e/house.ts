import { type APIRequestContext, expect, type Page, request, test as base } from "@playwright/test";

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

export const PASSWORD = "kontor-demo-2026";

/** The API itself, beside the browser: what somebody else does in the meantime. */
export async function theApi(baseURL: string | undefined): Promise<APIRequestContext> {
  const door = await request.newContext({ baseURL: baseURL ?? "" });
  const login = await door.post("/api/v1/auth/login", {
    data: { username: "admin", password: PASSWORD },
  });
  expect(login.ok()).toBe(true);
  const { access_token: token } = (await login.json()) as { access_token: string };
  await door.dispose();
  return request.newContext({
    baseURL: baseURL ?? "",
    extraHTTPHeaders: { Authorization: `Bearer ${token}` },
  });
}

interface Known {
  id: string;
  creator_id: string;
  currency: string;
  status: string;
}

/** An offer over a statement that is there already; answers its title. */
export async function createOffer(api: APIRequestContext, name: string): Promise<string> {
  const found = await api.get("/api/v1/statements?limit=250");
  const { data } = (await found.json()) as { data: Known[] };
  const statement = data.find((each) => each.status === "confirmed");
  expect(statement).toBeDefined();
  const title = `${name} ${Date.now()}`;
  const created = await api.post("/api/v1/offers", {
    data: {
      creator_id: statement?.creator_id,
      kind: "purchase",
      title,
      currency: statement?.currency,
      term_years: 5,
      share_bp: 5000,
      statement_ids: [statement?.id],
    },
  });
  expect(created.status()).toBe(201);
  return title;
}

/** Known creators have confirmed statements in the demo: no upload is needed. */
export async function toWorks(page: Page): Promise<void> {
  await page.goto("/offers/new");
  await page
    .getByRole("list", { name: "Creators" })
    .getByRole("button", { name: /^(?!.*Journey)/ })
    .first()
    .click();
  await page.getByRole("button", { name: "Continue to statements" }).click();
  const known = page.getByRole("region", { name: "Statements from before" });
  await known.getByRole("checkbox").first().check();
  await page.getByRole("button", { name: "Confirm 1 statement" }).click();
  await expect(page.getByRole("table", { name: "Works" })).toBeVisible();
}
