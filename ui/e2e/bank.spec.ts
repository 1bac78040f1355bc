import { type Page } from "@playwright/test";
import { calmBank } from "./api";
import { expect, logIn, test, type } from "./house";

async function open(page: Page) {
  await page
    .getByRole("button", { name: /^Settings/ })
    .filter({ visible: true })
    .click();
  await page.getByRole("menuitem", { name: "Sandbox bank" }).click();
  const panel = page.getByRole("dialog", { name: "Sandbox bank" });
  await expect(panel.getByLabel("Settlement takes (ms)")).toBeVisible();
  return panel;
}

// The bank is everybody's: whatever happens here, it behaves afterwards.
test.afterEach(({ api }) => calmBank(api));

test("the sandbox bank is made slow and faulty, stays so, and is calmed again", async ({
  page,
}) => {
  await logIn(page);
  let panel = await open(page);
  await type(panel.getByLabel("Settlement takes (ms)"), "3500");
  // Many, because payouts of the demo use faults up while this runs.
  await type(panel.getByLabel("Late return"), "100");
  await panel.getByRole("button", { name: "Save" }).click();
  await expect(panel).toBeHidden();

  await page.reload();
  panel = await open(page);
  await expect(panel.getByLabel("Settlement takes (ms)")).toHaveValue("3500");
  await expect(panel.getByLabel("Late return")).not.toHaveValue("0");

  await type(panel.getByLabel("Settlement takes (ms)"), "2000");
  await type(panel.getByLabel("Late return"), "0");
  await panel.getByRole("button", { name: "Save" }).click();
  await expect(panel).toBeHidden();
  await page.reload();
  panel = await open(page);
  await expect(panel.getByLabel("Settlement takes (ms)")).toHaveValue("2000");
  await expect(panel.getByLabel("Late return")).toHaveValue("0");
});

test("only an admin sees the sandbox bank", async ({ page }) => {
  await logIn(page, "Treasurer");
  await page
    .getByRole("button", { name: /^Settings/ })
    .filter({ visible: true })
    .click();
  await expect(page.getByRole("menuitem", { name: "Log out" })).toBeVisible();
  await expect(page.getByRole("menuitem", { name: "Sandbox bank" })).toHaveCount(0);
});
