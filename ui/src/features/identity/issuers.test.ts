import { describe, expect, it } from "vitest";
import { issuerLink, loginErrorText, logoutUrl } from "./issuers";

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
    expect(loginErrorText("login_state")).toContain("took too long");
    expect(loginErrorText("login_without_role")).toContain("no role");
    expect(loginErrorText("some_new_code")).toBe("The login did not work: some new code.");
  });
});

describe("a logout", () => {
  const to = (logout_url: string | null) => logoutUrl({ message: "bye", logout_url });

  it("goes on only to a web page", () => {
    expect(to("https://id.example/logout")).toBe("https://id.example/logout");
    expect(to("/login")).toBe("/login");
    expect(to("javascript:alert(1)")).toBeNull();
    expect(to("//elsewhere")).toBeNull();
    expect(to(null)).toBeNull();
    // It failed; the browser forgets the session all the same.
    expect(logoutUrl(undefined)).toBeNull();
  });
});
