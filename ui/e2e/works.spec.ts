import { drawer, expect, live, logIn, test, toWorks, type } from "./house";

test("an offer over some works only", async ({ page, api }) => {
  await logIn(page);
  await toWorks(page, api);
  const table = page.getByRole("table", { name: "Works" });
  const chosen = page.getByRole("status", { name: "Chosen works" });
  const all = Number(await table.getAttribute("aria-rowcount")) - 1;
  expect(all).toBeGreaterThan(1);
  await expect(table.getByRole("row")).toHaveCount(all + 1);
  await expect(chosen).toContainText(`${all} of ${all} works`);
  await expect(chosen).toContainText("100.0% of the earnings");

  const title = (await table.getByRole("checkbox").nth(1).getAttribute("aria-label")) ?? "";
  await type(page.getByLabel("Search works"), title);
  await expect(table.getByRole("checkbox", { name: title, exact: true })).toBeVisible();
  await table.getByRole("checkbox", { name: title, exact: true }).uncheck();
  await page.getByRole("button", { name: "Clear search" }).click();
  await expect(chosen).toContainText(`${all - 1} of ${all} works`);
  await expect(chosen).not.toContainText("100.0%");

  await page.getByRole("button", { name: `Continue with ${all - 1} of ${all} works` }).click();
  await expect(page.getByText(`${all - 1} of ${all},`)).toBeVisible();
  // The valuation is told by the stream.
  await expect(live(page)).toHaveText("Live");
  await page.getByRole("button", { name: "Create offer" }).click();
  const deal = drawer(page);
  await expect(deal.locator("[data-status=OFFER_READY]")).toBeVisible();
  await expect(deal.getByText("All works")).toHaveCount(0);
  const id = new URL(page.url()).searchParams.get("offer") ?? "";
  const offer = (await (await page.request.get(`/api/v1/offers/${id}`)).json()) as {
    works: string[];
  };
  expect(offer.works).toHaveLength(all - 1);
  expect(offer.works).not.toContain(title);
});

test("works are chosen with the keyboard alone", async ({ page, api }) => {
  await logIn(page);
  await toWorks(page, api);
  const table = page.getByRole("table", { name: "Works" });
  const boxes = table.getByRole("checkbox");
  const chosen = page.getByRole("status", { name: "Chosen works" });

  await page.keyboard.press("/");
  await expect(page.getByLabel("Search works")).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(table.getByRole("checkbox", { name: "All works shown" })).toBeFocused();
  await page.keyboard.press("Space");
  await expect(chosen).toContainText("0 of");
  await expect(page.getByRole("alert")).toHaveText("Choose at least one work.");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Space");
  await expect(boxes.nth(2)).toBeChecked();
  await page.keyboard.press("ArrowUp");
  await expect(boxes.nth(1)).toBeFocused();
  await expect(chosen).toContainText("1 of");
});
