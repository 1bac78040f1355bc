import { describe, expect, it } from "vitest";
import { logoutUrl } from "@/api/policy";
import { issuerLink, loginErrorText } from "./issuers";

describe("a login elsewhere", () => {
  const issuer = { name: "kc", title: "Keycloak", login_url: "/api/v1/auth/oidc/kc/login" };

  it("comes back to the page that was wanted", () => {
    expect(issuerLink(issuer, "/offers?show=ready&x=1")).toBe(
      "/api/v1/auth/oidc/kc/login?return_to=%2Foffers%3Fshow%3Dready%26x%3D1",
    );
    expect(issuerLink({ ...issuer, login_url: "/login?i=kc" }, "/")).toBe(
      "/login?i=kc&return_to=%2F",
    );
  });

  it("says in words why it did not work, whatever the code", () => {
    expect(loginErrorText("login_failed")).toContain("took too long");
    expect(loginErrorText("some_new_code")).toBe("The login did not work: some new code.");
  });
});

describe("a logout", () => {
  it("goes on only to a web page", () => {
    expect(logoutUrl({ logout_url: "https://id.example/logout" })).toBe(
      "https://id.example/logout",
    );
    expect(logoutUrl({ logout_url: "/login" })).toBe("/login");
    expect(logoutUrl({ logout_url: "javascript:alert(1)" })).toBeNull();
    expect(logoutUrl({ logout_url: "//elsewhere" })).toBeNull();
    expect(logoutUrl(undefined)).toBeNull();
    expect(logoutUrl("")).toBeNull();
  });
});
