/** What somebody reads who waits for money: failed, returned, not known, held. */
import type { APIRequestContext } from "@playwright/test";
import type { Offer, SandboxBank } from "../src/api/types";
import { calmBank, readyOffer } from "./api";
import { drawer, expect, logIn, openDeal, test } from "./house";

test.afterEach(({ api }) => calmBank(api));

async function accepted(api: APIRequestContext, name: string): Promise<Offer> {
  const offer = await readyOffer(api, name);
  const answer = await api.post(`/api/v1/offers/${offer.id}/accept`, {
    data: {
      typed_name: "Somebody Else",
      term_sheet_sha256: offer.term_sheet?.sha256,
      amount: offer.offered,
    },
  });
  expect(answer.ok(), await answer.text()).toBe(true);
  return (await answer.json()) as Offer;
}

/** A thousand of one kind: payouts of the demo itself use them up, too. */
const set = (api: APIRequestContext, faults: Partial<SandboxBank["faults"]>) =>
  api.put("/api/v1/sandbox-bank", {
    data: {
      settlement_delay_ms: 500,
      faults: {
        timeout_before: 0,
        timeout_after: 0,
        server_error: 0,
        refused: 0,
        late_return: 0,
        ...faults,
      },
    },
  });

test("a refused payout says what happened and what comes next", async ({ page, api }) => {
  const offer = await accepted(api, "Refused");
  await set(api, { refused: 500 });
  await logIn(page, "Treasurer");
  await openDeal(page, offer);
  await drawer(page).getByRole("button", { name: "Pay out" }).click();
  await page
    .getByRole("dialog", { name: /^Pay out/ })
    .getByRole("button", { name: /^Pay EUR|^Pay USD|^Pay \w{3}/ })
    .click();
  await expect(drawer(page).getByText(/^Not paid: the bank refused it/)).toBeVisible();
  await expect(drawer(page).getByText(/did not leave the house/)).toBeVisible();
  await expect(drawer(page).getByRole("button", { name: "Change account" })).toBeVisible();
  await calmBank(api);
  await drawer(page).getByRole("button", { name: "Pay again" }).click();
  await page
    .getByRole("dialog", { name: /^Pay out/ })
    .getByRole("button", { name: /^Pay EUR|^Pay USD|^Pay \w{3}/ })
    .click();
  await expect(drawer(page).locator("[data-status=CLOSED]").first()).toBeVisible({
    timeout: 60_000,
  });
});

test("a lost answer is told as its story, and ends paid once", async ({ page, api }) => {
  const offer = await accepted(api, "Unanswered");
  await set(api, { timeout_after: 500 });
  await logIn(page, "Treasurer");
  await openDeal(page, offer);
  await drawer(page).getByRole("button", { name: "Pay out" }).click();
  await page
    .getByRole("dialog", { name: /^Pay out/ })
    .getByRole("button", { name: /^Pay EUR|^Pay USD|^Pay \w{3}/ })
    .click();
  await drawer(page).getByRole("tab", { name: "Payout" }).click();
  const story = drawer(page).getByRole("list", { name: "What happened" });
  await expect(story.getByText(/^It had been taken: paid once/)).toBeVisible({ timeout: 90_000 });
  await expect(story.getByRole("listitem")).toHaveText([
    /^Sent to the sandbox bank/,
    /^Timed out/,
    /^Read back: the bank was asked/,
    /^It had been taken: paid once/,
  ]);
});

test("a late return is seen without a reload, and the ledger reads as one line", async ({
  page,
  api,
}) => {
  const offer = await accepted(api, "Comes back");
  await set(api, { late_return: 500 });
  await logIn(page, "Treasurer");
  await openDeal(page, offer);
  let loads = 0;
  page.on("load", () => (loads += 1));
  await drawer(page).getByRole("button", { name: "Pay out" }).click();
  await page
    .getByRole("dialog", { name: /^Pay out/ })
    .getByRole("button", { name: /^Pay EUR|^Pay USD|^Pay \w{3}/ })
    .click();
  await expect(drawer(page).getByText(/^Paid, and came back/)).toBeVisible({ timeout: 120_000 });
  await expect(drawer(page).getByRole("button", { name: "Pay again" })).toBeVisible();
  expect(loads).toBe(0);
  await page.goto("/ledger?view=transfers");
  const line = page.getByRole("row").filter({ hasText: "Held → Paid" });
  await expect(line.first()).toBeVisible();
});

test("the counts of the sandbox bank go down while it is looked at", async ({ page, api }) => {
  const offer = await accepted(api, "Counted");
  await set(api, { refused: 500 });
  await logIn(page);
  await page
    .getByRole("button", { name: /^Settings/ })
    .filter({ visible: true })
    .click();
  await page.getByRole("menuitem", { name: "Sandbox bank" }).click();
  const count = page.getByRole("dialog").getByLabel("Refused");
  await expect(count).toHaveValue(/^\d+$/);
  const before = Number(await count.inputValue());
  await api.post(`/api/v1/offers/${offer.id}/request-payout`, {
    headers: { "Idempotency-Key": `counted-${offer.id}` },
  });
  await expect.poll(async () => Number(await count.inputValue())).toBeLessThan(before);
});
