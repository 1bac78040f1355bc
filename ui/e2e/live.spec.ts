import { createOffer, expect, live, logIn, test, theApi } from "./house";

const STREAM = "**/api/v1/offers/events/deals";

test("a broken stream is told, and what was missed appears after it", async ({
  page,
  context,
  baseURL,
}) => {
  const api = await theApi(baseURL);
  await logIn(page);
  await expect(live(page)).toHaveText("Live");
  // Filtered, so that other deals of the demo cannot push the row out of the first page.
  await page.goto("/offers?text=while%20away");
  await expect(live(page)).toHaveText("Live");

  await context.setOffline(true);
  await expect(live(page)).toHaveText("Reconnecting");
  const title = await createOffer(api, "While away");
  await expect(page.getByText(title)).toHaveCount(0);

  await context.setOffline(false);
  await expect(live(page)).toHaveText("Live", { timeout: 30_000 });
  await expect(page.getByRole("row").filter({ hasText: title })).toBeVisible();
  await api.dispose();
});

test("a server that is not there at first is waited for", async ({ page }) => {
  await logIn(page);
  await page.route(STREAM, (route) => route.abort());
  await page.goto("/offers");
  await expect(live(page)).toHaveText("Reconnecting");
  await expect(page.getByRole("row").nth(1)).toBeVisible();
  await page.unroute(STREAM);
  await expect(live(page)).toHaveText("Live", { timeout: 30_000 });
});

test("when the stream asks for a new start, the lists are asked for again", async ({
  page,
  baseURL,
}) => {
  const api = await theApi(baseURL);
  await logIn(page);
  let answer: () => void = () => undefined;
  const waiting = new Promise<void>((resolve) => (answer = resolve));
  let streams = 0;
  await page.route(STREAM, async (route) => {
    streams += 1;
    if (streams > 1) return route.abort();
    await waiting;
    return route.fulfill({
      contentType: "text/event-stream",
      body: "retry: 60000\nevent: reset\ndata: {}\n\n",
    });
  });
  await page.goto("/offers?text=new%20start");
  await expect(live(page)).toHaveText("Connecting");
  await expect(page.getByRole("status", { name: "Loading" })).toHaveCount(0);
  const title = await createOffer(api, "New start");
  await expect(page.getByText(title)).toHaveCount(0);

  answer();
  await expect(page.getByRole("row").filter({ hasText: title })).toBeVisible();
  await api.dispose();
});
