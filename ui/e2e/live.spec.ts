import { createOffer } from "./api";
import { expect, listOnly, live, logIn, test } from "./house";

const STREAM = "**/api/v1/offers/events/deals";

// Tries come ever later, up to fifteen seconds apart.
const AGAIN = { timeout: 60_000 };

test("a broken stream is told, and what was missed appears after it", async ({
  page,
  context,
  api,
}) => {
  await logIn(page);
  await expect(live(page)).toHaveText("Live");
  // Filtered, so that other deals of the demo cannot push the row out of the first page.
  await listOnly(page, "while away");
  await expect(live(page)).toHaveText("Live");

  await context.setOffline(true);
  await expect(live(page)).toHaveText("Reconnecting");
  const { title } = await createOffer(api, "While away");
  await expect(page.getByText(title)).toHaveCount(0);

  await context.setOffline(false);
  await expect(live(page)).toHaveText("Live", AGAIN);
  await expect(page.getByRole("row").filter({ hasText: title })).toBeVisible();
});

test("a server that is not there at first is waited for", async ({ page }) => {
  await logIn(page);
  await page.route(STREAM, (route) => route.abort());
  await page.goto("/offers");
  await expect(live(page)).toHaveText("Reconnecting");
  await expect(page.getByRole("row").nth(1)).toBeVisible();
  await page.unroute(STREAM);
  await expect(live(page)).toHaveText("Live", AGAIN);
});

test("when the stream asks for a new start, the lists are asked for again", async ({
  page,
  api,
}) => {
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
  await listOnly(page, "new start");
  await expect(live(page)).toHaveText("Connecting");
  const { title } = await createOffer(api, "New start");
  await expect(page.getByText(title)).toHaveCount(0);

  let lists = 0;
  page.on("request", (request) => (lists += Number(/\/offers\?/.test(request.url()))));
  answer();
  await expect(page.getByRole("row").filter({ hasText: title })).toBeVisible();
  // Once because the stream is there, and once because it says so.
  await expect.poll(() => lists).toBeGreaterThanOrEqual(2);
});
