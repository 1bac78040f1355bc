import { expect, it } from "vitest";
import { route } from "./routes";

it("fills names into the path and leaves out what is null", () => {
  expect(route("/offers/{id}/trace", { path: { id: "a/b" }, query: { figure: "work:Å" } })).toBe(
    "/offers/a%2Fb/trace?figure=work%3A%C3%85",
  );
  expect(route("/offers", { query: { text: "", cursor: null, limit: 5 } })).toBe("/offers?limit=5");
  expect(route("/offers/stats")).toBe("/offers/stats");
});
