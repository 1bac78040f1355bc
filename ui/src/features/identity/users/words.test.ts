import { describe, expect, it } from "vitest";
import { ApiError } from "@/api/http";
import type { User } from "@/api/types";
import { parseUsersSearch } from "./search";
import {
  ending,
  inWords,
  makePassword,
  passwordProblem,
  rolesFor,
  usernameProblem,
  withText,
} from "./words";

const user = (username: string, display_name: string, ...roles: string[]): User => ({
  id: username,
  username,
  display_name,
  roles,
  creator_id: null,
  issuer: null,
  disabled: false,
});

describe("what a step does", () => {
  it("counts the sessions that end", () => {
    expect(ending(2)).toBe("2 sessions end at once");
    expect(ending(1)).toBe("1 session ends at once");
    expect(ending(0)).toBe("nobody is logged in with it now");
    expect(ending(undefined)).toBe("every session ends at once");
  });
});

describe("a refusal", () => {
  it.each(["own_account", "last_admin", "foreign_user", "username_taken"])(
    "%s is a sentence and keeps its request",
    (code) => {
      const said = inWords(new ApiError(409, code, "x", {}, "request-1"), "berta") as ApiError;
      expect(said.message).toMatch(/^[A-Z].+\.$/);
      expect(said.message).not.toContain("_");
      expect(said).toMatchObject({ status: 409, code, requestId: "request-1" });
    },
  );

  it("names the last admin", () => {
    const said = inWords(new ApiError(409, "last_admin", "x"), "berta") as ApiError;
    expect(said.message).toContain("last admin who can log in is berta");
  });

  it("without words of its own stays as it came", () => {
    const other = new ApiError(422, "invalid_field", "a reason has 1 to 500 characters");
    expect(inWords(other, "berta")).toBe(other);
    const network = new TypeError("away");
    expect(inWords(network, "berta")).toBe(network);
  });
});

describe("a password", () => {
  it("has 12 to 128 characters, counted as people do", () => {
    expect(passwordProblem("a".repeat(11))).toContain("these are 11");
    expect(passwordProblem("a".repeat(12))).toBeNull();
    expect(passwordProblem("🔑".repeat(11))).toContain("these are 11");
    expect(passwordProblem("🔑".repeat(128))).toBeNull();
    expect(passwordProblem("a".repeat(129))).toContain("At most 128");
  });

  it("that is made is good, and another one each time", () => {
    const made = Array.from({ length: 50 }, makePassword);
    for (const each of made) {
      expect(each).toMatch(/^([a-zA-Z2-9]{5}-){3}[a-zA-Z2-9]{5}$/);
      expect(each).not.toMatch(/[ilo01ILO]/);
      expect(passwordProblem(each)).toBeNull();
    }
    expect(new Set(made).size).toBe(50);
  });
});

it("a username has what the server takes", () => {
  expect(["ann", "a.b-c_9", "x".repeat(40)].map(usernameProblem)).toEqual([null, null, null]);
  for (const bad of ["", "ab", "Ann", "ann lee", "ann@kc", "x".repeat(41)]) {
    expect(usernameProblem(bad), bad).not.toBeNull();
  }
});

it("users are found by name and role, in any order of the words", () => {
  const all = [
    user("ann", "Ann Lee", "admin"),
    user("bob", "Bob Ek", "risk_officer", "viewer"),
    user("cyd", "Cyd Lee", "viewer"),
  ];
  const found = (text: string) => withText(all, text).map(({ id }) => id);
  expect(found("")).toEqual(["ann", "bob", "cyd"]);
  expect(found("LEE")).toEqual(["ann", "cyd"]);
  expect(found("viewer lee")).toEqual(["cyd"]);
  expect(found("risk officer")).toEqual(["bob"]);
  expect(found("zed")).toEqual([]);
});

it("a role that is held and not known can be kept", () => {
  expect(rolesFor(["viewer"]).map(({ role }) => role)).not.toContain("trader");
  expect(rolesFor(["trader", "admin"]).filter(({ role }) => role === "trader")).toHaveLength(1);
});

it("the address tells what is open, and nothing else", () => {
  expect(parseUsersSearch({ view: "keys", text: " ann ", user: 7, x: "y" })).toEqual({
    view: "keys",
    text: "ann",
  });
  expect(parseUsersSearch({ view: "users", user: "u-1" })).toEqual({ user: "u-1" });
});
