/** Nobody is offered a step that the server then refuses: each role on every page. */
import { type Page } from "@playwright/test";
import type { Offer, OfferStatus } from "../src/api/types";
import { drawer, expect, logIn, openDeal, test } from "./house";
import { theApi } from "./api";

const STEPS = ["Accept", "Decline", "Withdraw", "Value again", "Change amount", "Pay out"];

interface Role {
  login: string;
  /** Another role on this login, as `/auth/me` would tell it: the demo has no login for it. */
  told?: string;
  ready: string[];
  accepted: string[];
  creates: boolean;
  decisions: boolean;
  capital: boolean;
}

const ROLES: Record<string, Role> = {
  viewer: {
    login: "Viewer",
    ready: [],
    accepted: [],
    creates: false,
    decisions: false,
    capital: false,
  },
  operator: {
    login: "Viewer",
    told: "operator",
    ready: [],
    accepted: [],
    creates: false,
    decisions: true,
    capital: false,
  },
  underwriter: {
    login: "Underwriter",
    ready: ["Accept", "Decline", "Withdraw", "Value again", "Change amount"],
    accepted: [],
    creates: true,
    decisions: false,
    capital: false,
  },
  treasurer: {
    login: "Treasurer",
    ready: ["Withdraw"],
    accepted: ["Withdraw", "Pay out"],
    creates: false,
    decisions: false,
    capital: true,
  },
  admin: {
    login: "Admin",
    ready: ["Accept", "Decline", "Withdraw", "Value again", "Change amount"],
    accepted: ["Withdraw", "Pay out"],
    creates: true,
    decisions: true,
    capital: true,
  },
};

/** A deal that stands at this moment as it is asked for; the demo leads its own on. */
async function deal(page: Page, status: OfferStatus): Promise<Offer> {
  const answer = await page.request.get(`/api/v1/offers?status=${status}&sort=created_at&limit=1`);
  const { data } = (await answer.json()) as { data: Offer[] };
  const [found] = data;
  if (!found) throw new Error(`the demo has no deal that is ${status}`);
  return found;
}

async function stepsShown(page: Page): Promise<string[]> {
  await expect(drawer(page).getByRole("tab", { name: "Overview" })).toBeVisible();
  const shown: string[] = [];
  for (const name of STEPS) {
    if ((await drawer(page).getByRole("button", { name, exact: true }).count()) > 0) {
      shown.push(name);
    }
  }
  return shown;
}

for (const [name, role] of Object.entries(ROLES)) {
  test(`the ${name} is offered what the ${name} may do`, async ({ page }) => {
    if (role.told) {
      await page.route("**/api/v1/auth/me", async (route) => {
        const answer = await route.fetch();
        if (!answer.ok()) return route.fulfill({ response: answer });
        const me = (await answer.json()) as Record<string, unknown>;
        return route.fulfill({ response: answer, json: { ...me, roles: [role.told] } });
      });
    }
    await logIn(page, role.login);
    for (const [status, steps] of [
      ["OFFER_READY", role.ready],
      ["ACCEPTED", role.accepted],
    ] as const) {
      await openDeal(page, await deal(page, status));
      expect(await stepsShown(page), status).toEqual(steps);
    }
    await page.goto("/offers");
    await expect(page.getByRole("row").nth(1)).toBeVisible();
    const creates = role.creates ? 1 : 0;
    const side = page.getByRole("navigation", { name: "Main", exact: true });
    await expect(side.getByRole("link", { name: "New offer" })).toHaveCount(creates);
    await expect(side.getByRole("link", { name: "Decisions" })).toHaveCount(role.decisions ? 1 : 0);
    await expect(side.getByRole("link", { name: "Users" })).toHaveCount(name === "admin" ? 1 : 0);
    await expect(page.locator("main").getByRole("link", { name: "New offer" })).toHaveCount(
      creates,
    );
    await page.keyboard.press("ControlOrMeta+k");
    const palette = page.getByRole("dialog");
    await expect(palette.getByRole("button", { name: "Cash" })).toBeVisible();
    await expect(palette.getByRole("button", { name: "New offer" })).toHaveCount(creates);
    await page.keyboard.press("Escape");
    await expect(palette).toBeHidden();
    await page.getByRole("heading", { name: "Deals", level: 1 }).click();
    await page.keyboard.press("n");
    if (role.creates) await expect(page).toHaveURL(/\/offers\/new/);
    else {
      await page.goto("/offers/new");
      await expect(page.getByText("New offers are made by underwriters")).toBeVisible();
      await expect(page.getByRole("textbox")).toHaveCount(0);
    }
    await page.goto("/ledger");
    await expect(page.getByRole("button", { name: "Export CSV" })).toBeVisible();
    await expect(page.getByRole("button", { name: "Pay in capital" })).toHaveCount(
      role.capital ? 1 : 0,
    );
  });
}

test("an underwriter is not asked for an account that only the treasurer may save", async ({
  page,
}) => {
  await logIn(page, "Underwriter");
  const admin = await theApi(new URL(page.url()).origin);
  const created = await admin.post("/api/v1/offers/creators", {
    data: {
      platform: "other",
      platform_id: `p-${Date.now()}`,
      username: `u${Date.now()}`,
      display_name: `Unpaid ${Date.now()}`,
    },
  });
  const { display_name: unpaid } = (await created.json()) as { display_name: string };
  await admin.dispose();
  await page.goto("/offers/new");
  await page.getByLabel("Search creators").pressSequentially(unpaid);
  await page.getByRole("button", { name: new RegExp(unpaid) }).click();
  await expect(page.getByRole("button", { name: "Continue to statements" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Add account" })).toHaveCount(0);
  await expect(page.getByText("The treasurer adds the account")).toBeVisible();
});
