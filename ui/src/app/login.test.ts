import { expect, it } from "vitest";
import { parseLoginSearch } from "./loginSearch";

it("an address of the login leads nowhere else and shows no text of others", () => {
  expect(parseLoginSearch({ to: "/ledger?view=trial", error: "no_role" })).toEqual({
    to: "/ledger?view=trial",
    error: "no_role",
  });
  expect(parseLoginSearch({ to: "//elsewhere", error: "Call <b>this</b> number" })).toEqual({});
  expect(parseLoginSearch({ to: "https://elsewhere", error: 7 })).toEqual({});
});
