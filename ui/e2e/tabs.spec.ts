/** Many tabs of one browser: one stream for all of them, and one refresh. */
import type { Page } from "@playwright/test";
import { createOffer } from "./api";
import { expect, listOnly, live, logIn, test } from "./house";

const STREAM = /\/offers\/events\/deals/;

test("eight tabs share one stream, and the next one leads when the leading one closes", async ({
  page,
  context,
  api,
}) => {
  await logIn(page);
  await expect(live(page)).toHaveText("Live");
  const streams: Page[] = [];
  context.on("request", (request) => {
    if (STREAM.test(request.url())) streams.push(request.frame().page());
  });
  const tabs: Page[] = [];
  for (let n = 0; n < 7; n += 1) {
    const tab = await context.newPage();
    await listOnly(tab, "Eight tabs");
    tabs.push(tab);
  }
  for (const tab of tabs) await expect(live(tab)).toHaveText("Live");
  expect(streams).toHaveLength(0);

  const first = await createOffer(api, "Eight tabs");
  for (const tab of tabs) await expect(tab.getByText(first.title)).toBeVisible();

  await page.close();
  await expect.poll(() => streams.length).toBe(1);
  const second = await createOffer(api, "Eight tabs");
  for (const tab of tabs) {
    await expect(live(tab)).toHaveText("Live");
    // Waiting behind the pill or in its row, as the pointer has it.
    await expect(tab.getByText(second.title).or(tab.getByText(/new deal/))).toBeVisible();
  }

  // Log out where the stream is: the tab that leads gives it up, the others still live.
  const [leader] = streams;
  await leader?.goto("about:blank");
  await expect.poll(() => streams.length).toBe(2);
  for (const tab of tabs.filter((each) => each !== leader)) {
    await expect(live(tab)).toHaveText("Live");
  }
});

test("two tabs whose tokens are over refresh once", async ({ page, context }) => {
  await logIn(page);
  const other = await context.newPage();
  await other.goto("/offers");
  await expect(other.getByRole("row").nth(1)).toBeVisible();
  let refreshes = 0;
  context.on("request", (request) => (refreshes += Number(/auth\/refresh/.test(request.url()))));
  await context.clearCookies({ name: "kontor_access" });
  await Promise.all([
    page.getByRole("button", { name: /^Ready/ }).click(),
    other.getByRole("button", { name: /^Accepted/ }).click(),
  ]);
  await expect(page.locator("[data-row] [data-status=OFFER_READY]").first()).toBeVisible();
  await expect(other.locator("[data-row] [data-status=ACCEPTED]").first()).toBeVisible();
  expect(refreshes).toBe(1);
});

test("without TLS a browser has no locks, and its tabs share all the same", async ({
  context,
  page,
}) => {
  await context.addInitScript(() =>
    Object.defineProperty(Navigator.prototype, "locks", { get: () => undefined }),
  );
  let streams = 0;
  context.on("request", (request) => (streams += Number(STREAM.test(request.url()))));
  await logIn(page);
  await expect(live(page)).toHaveText("Live");
  const tabs: Page[] = [];
  for (let n = 0; n < 3; n += 1) {
    const tab = await context.newPage();
    await tab.goto("/ledger");
    await expect(live(tab)).toHaveText("Live");
    tabs.push(tab);
  }
  expect(streams).toBe(1);
  await page.close();
  // Two may take over at once; the later one gives way.
  await expect.poll(() => streams).toBeGreaterThanOrEqual(2);
  expect(streams).toBeLessThan(4);
  for (const tab of tabs) await expect(live(tab)).toHaveText("Live");
});
