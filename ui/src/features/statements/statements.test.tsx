import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, type ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { aStatement } from "@/testing";
import { Confirmations } from "./Confirmations";
import { MappingForm } from "./MappingForm";

const quiet = () => undefined;

beforeEach(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  vi.stubGlobal("matchMedia", () => ({
    matches: false,
    addEventListener: quiet,
    removeEventListener: quiet,
  }));
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe = quiet;
      unobserve = quiet;
      disconnect = quiet;
    },
  );
});
afterEach(() => {
  vi.unstubAllGlobals();
  document.body.replaceChildren();
});

async function drawn(content: ReactNode): Promise<HTMLElement> {
  const place = document.createElement("div");
  document.body.append(place);
  await act(async () => {
    createRoot(place).render(
      <QueryClientProvider client={new QueryClient()}>
        <MantineProvider>{content}</MantineProvider>
      </QueryClientProvider>,
    );
    await Promise.resolve();
  });
  return place;
}

async function click(found: Element | null | undefined): Promise<void> {
  if (!(found instanceof HTMLElement)) throw new Error("not on the page");
  await act(async () => {
    found.click();
    await Promise.resolve();
  });
}

it("shows what a file leaves open with its readings, and insists on an answer", async () => {
  const layout = {
    hash: "h",
    line: 1,
    header: ["Date", "Net"],
    sample: [["01/04/2023", "1.10"]],
    suggested: { month: "Date", amount: "Net", currency: "GBP" },
  };
  const question = {
    code: "date_order",
    field: "date_order",
    message: "'01/04/2023' on line 2 has two readings",
    choices: [
      { value: "mdy", label: "month first: every row is of 2023-01" },
      { value: "dmy", label: "day first: the rows are of 2023-04 to 2023-07" },
    ],
    values: [],
  };
  const statement = aStatement({ status: "needs_mapping", layout, questions: [question] });
  const page = await drawn(<MappingForm statement={statement} layout={layout} onMapped={quiet} />);
  expect(page.textContent).toContain("only a person can say");
  expect(page.textContent).toContain("dmy: day first: the rows are of 2023-04 to 2023-07");
  await click(page.querySelector("button[type=submit]"));
  expect(page.textContent).toContain("Choose one of these.");
  await click(page.querySelector("input[value=dmy]"));
  expect(page.querySelector<HTMLInputElement>("input[value=dmy]")?.checked).toBe(true);
  expect(page.textContent).not.toContain("Choose one of these.");
});

it("asks of each kind of rows whether it is income", async () => {
  const layout = {
    hash: "h",
    line: 1,
    header: ["Date", "Type", "Net"],
    sample: [],
    suggested: { month: "Date", amount: "Net", currency: "GBP" },
  };
  const kind = (value: string, rows: number) => ({ column: "Type", value, rows, amount: "75" });
  const question = {
    code: "row_kinds",
    field: "rows",
    message: "rows of some kinds may be income",
    choices: [],
    values: [kind("Wire", 20), kind("*", 1)],
  };
  const statement = aStatement({ status: "needs_mapping", layout, questions: [question] });
  const page = await drawn(<MappingForm statement={statement} layout={layout} onMapped={quiet} />);
  expect(page.textContent).toContain("'Wire' in column 'Type': 20 rows, 75");
  expect(page.textContent).toContain("All others in column 'Type': 1 row, 75");
  expect(page.querySelectorAll("input[type=radio]:checked")).toHaveLength(2);
  await click(page.querySelector("button[type=submit]"));
  expect(page.textContent).toContain("Choose one of these.");
  for (const no of page.querySelectorAll("input[value=false]")) await click(no);
  expect(page.textContent).not.toContain("Choose one of these.");
});

it("asks for each yes in words with the sum", async () => {
  const confirmation = {
    key: "rows_left_out",
    code: "rows_left_out",
    message: "1 of 3 rows are left out; they add up to -5 EUR",
    rows: 1,
    amount: "-5",
  };
  const statement = aStatement({ confirmations: [confirmation] });
  const said: unknown[] = [];
  const page = await drawn(
    <Confirmations
      statements={[statement]}
      asked={{}}
      yes={{}}
      onYes={(...each) => said.push(each)}
    />,
  );
  expect(page.textContent).toContain("Yes: 1 of 3 rows are left out; they add up to -5 EUR");
  await click(page.querySelector("input[type=checkbox]"));
  expect(said).toEqual([[statement.id, "rows_left_out", true]]);
});
