import { useWindowEvent } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { lazy, useState } from "react";
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
  const [typed, setTyped] = useState("");
  const open = () => {
    setTyped("");
    setOpened((count) => count + 1);
  };
  const close = () => setOpened(0);
  useWindowEvent(OPEN, open);
  useCommand("mod+K", openPalette);
  useShortcuts([
    ["n", () => creates && void navigate({ to: "/offers/new" })],
    ["/", () => document.querySelector<HTMLInputElement>("[data-search]")?.focus()],
  ]);
  if (opened === 0) return null;
  return (
    <LazyPart
      fallback={<PaletteWaiting text={typed} onText={setTyped} onClose={close} />}
      onClose={close}
    >
      <Palette key={opened} start={typed} />
    </LazyPart>
  );
}

interface WaitingProps {
  text: string;
  onText: (text: string) => void;
  onClose: () => void;
}

/** Takes the first keys while the palette itself is on its way. */
function PaletteWaiting({ text, onText, onClose }: WaitingProps) {
  return (
    <div className={classes.palette}>
      <input
        autoFocus
        aria-label="Go to"
        placeholder="Go to a page, or search deals"
        value={text}
        onChange={(event) => onText(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Escape" && onClose()}
      />
    </div>
  );
}
