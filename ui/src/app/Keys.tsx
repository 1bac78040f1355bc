import { useWindowEvent } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useMay } from "@/api/may";
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
  useWindowEvent(OPEN, () => setOpened((count) => count + 1));
  useCommand("mod+K", openPalette);
  useShortcuts([
    ["n", () => creates && void navigate({ to: "/offers/new" })],
    ["/", () => document.querySelector<HTMLInputElement>("[data-search]")?.focus()],
  ]);
  if (opened === 0) return null;
  return (
    <Suspense>
      <Palette key={opened} />
    </Suspense>
  );
}
