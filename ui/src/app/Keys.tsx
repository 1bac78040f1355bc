import { useWindowEvent } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { lazy, useCallback, useEffect, useState } from "react";
import { useMay } from "@/api/may";
import { LazyPart } from "@/kit/LazyPart";
import classes from "./Palette.module.css";
import { useCommand, useShortcuts } from "@/kit/useShortcuts";

const OPEN = "kontor:palette";
export const openPalette = () => window.dispatchEvent(new Event(OPEN));

const Palette = lazy(() => import("./Palette").then((m) => ({ default: m.Palette })));

/** The keys that work on every page. */
export function Keys() {
  const navigate = useNavigate();
  const creates = useMay("offers.create");
  // Each opening is a new palette: it opens itself when it is mounted.
  const [opened, setOpened] = useState(0);
  const [text, setText] = useState("");
  const [takes, setTakes] = useState(false);
  const open = () => {
    setText("");
    setTakes(true);
    setOpened((count) => count + 1);
  };
  const close = useCallback(() => {
    setTakes(false);
    setOpened(0);
  }, []);
  useFirstKeys(takes, setText, close);
  useWindowEvent(OPEN, open);
  useCommand("mod+K", openPalette);
  useShortcuts([
    ["n", () => creates && void navigate({ to: "/offers/new" })],
    ["/", () => document.querySelector<HTMLInputElement>("[data-search]")?.focus()],
  ]);
  if (opened === 0) return null;
  return (
    <LazyPart
      fallback={<PaletteWaiting text={text} />}
      onClose={close}
      onFailed={() => setTakes(false)}
    >
      <Palette
        key={opened}
        text={text}
        onText={setText}
        onClosing={() => setTakes(false)}
        onClosed={close}
      />
    </LazyPart>
  );
}

const isPalette = (target: EventTarget | null) =>
  target instanceof Element && target.closest("[data-palette]") !== null;

/**
 * From the moment it is called, what is typed belongs to the palette: wherever the focus is before
 * its own field has it, no key may get lost there, or scroll something.
 */
function useFirstKeys(
  takes: boolean,
  onText: (change: (text: string) => string) => void,
  onClose: () => void,
): void {
  useEffect(() => {
    if (!takes) return undefined;
    const take = (event: KeyboardEvent) => {
      const commands = event.ctrlKey || event.metaKey || event.altKey;
      if (commands || event.isComposing || isPalette(event.target)) return;
      if (event.key === "Escape") onClose();
      else if (event.key === "Backspace") onText((text) => text.slice(0, -1));
      else if (event.key.length === 1) onText((text) => text + event.key);
      event.preventDefault();
      event.stopPropagation();
    };
    window.addEventListener("keydown", take, true);
    return () => window.removeEventListener("keydown", take, true);
  }, [takes, onText, onClose]);
}

/** In the place of the palette while that is on its way. */
function PaletteWaiting({ text }: { text: string }) {
  return (
    <div className={classes.palette}>
      <div className={classes.waiting} role="status">
        {text || <span className="muted">Go to a page, or search deals</span>}
      </div>
    </div>
  );
}
