/** What axe finds on a page: names, contrast, structure. */
import AxeBuilder from "@axe-core/playwright";
import { type Page } from "@playwright/test";
import { expect } from "./house";

/** `inside` narrows the look to what changed: the table beside a drawer was looked at before. */
export async function check(page: Page, part: string, inside?: string): Promise<void> {
  const axe = new AxeBuilder({ page }).options({
    // What is read aloud must contain what is seen; axe still calls the rule experimental.
    rules: { "label-content-name-mismatch": { enabled: true } },
  });
  const { violations } = await (inside ? axe.include(inside) : axe).analyze();
  const found = violations.map(
    ({ id, nodes }) =>
      `${part}: ${id} at ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`,
  );
  expect(found).toEqual([]);
}
