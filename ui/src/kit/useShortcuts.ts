import { useHotkeys } from "@mantine/hooks";

/** Inputs that take no text: a letter typed there is nobody's text. */
const WITHOUT_TEXT = new Set([
  "button",
  "checkbox",
  "color",
  "file",
  "image",
  "radio",
  "range",
  "reset",
  "submit",
]);
const EDITED_BY_ROLE =
  '[role="textbox"], [role="searchbox"], [role="combobox"], [role="spinbutton"]';

/** Whether what is typed at `target` is text that somebody writes, or picks from. */
export function isEditable(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !WITHOUT_TEXT.has(target.type);
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  // The attribute is asked as well: not every browser engine knows isContentEditable.
  const edited = target.closest("[contenteditable]")?.getAttribute("contenteditable");
  if (target.isContentEditable || (edited !== undefined && edited !== "false")) return true;
  return target.closest(EDITED_BY_ROLE) !== null;
}

/** A dialog that asks something is open; a drawer beside a list is none. */
const isUnderDialog = () => document.querySelector(".mantine-Modal-content") !== null;

type Shortcut = [key: string, run: () => void];

/**
 * Keys without a modifier that do something. They never fire where somebody writes, while an
 * input method composes, or under a dialog. The only way to a plain key here: see eslint.config.js.
 */
export function useShortcuts(shortcuts: Shortcut[]): void {
  useHotkeys(
    shortcuts.map(([key, run]) => [
      key,
      (event: KeyboardEvent) => {
        if (event.isComposing || isEditable(event.target) || isUnderDialog()) return;
        event.preventDefault();
        run();
      },
      { preventDefault: false },
    ]),
    [],
    true,
  );
}

/** A key with a modifier: it works in fields and under dialogs, too. */
export function useCommand(key: `mod+${string}`, run: () => void): void {
  useHotkeys([[key, run]], [], true);
}
