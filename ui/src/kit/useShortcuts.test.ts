import { describe, expect, it } from "vitest";
import { isEditable } from "./useShortcuts";

const made = (html: string) => {
  document.body.innerHTML = html;
  return document.querySelector("[data-target]");
};

describe("where somebody writes", () => {
  it.each([
    "<input data-target>",
    '<input type="search" data-target>',
    '<input type="password" data-target>',
    '<input type="date" data-target>',
    "<textarea data-target></textarea>",
    "<select data-target></select>",
    '<div contenteditable="true"><b data-target>x</b></div>',
    '<div contenteditable="plaintext-only" data-target>x</div>',
    '<div role="combobox" data-target></div>',
    '<div role="textbox"><span data-target>x</span></div>',
  ])("is %s", (html) => expect(isEditable(made(html))).toBe(true));

  it.each([
    "<button data-target>x</button>",
    '<input type="checkbox" data-target>',
    '<input type="radio" data-target>',
    '<div contenteditable="false" data-target>x</div>',
    "<a href='#' data-target>x</a>",
    "<main data-target></main>",
  ])("is not %s", (html) => expect(isEditable(made(html))).toBe(false));

  it("is not the page itself", () => {
    expect(isEditable(null)).toBe(false);
    expect(isEditable(document.body)).toBe(false);
  });
});
