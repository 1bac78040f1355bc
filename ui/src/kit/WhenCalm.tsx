import { type ReactNode, useEffect, useRef, useState } from "react";

/** At the latest then, however busy the page is. */
const LATEST_MS = 2_000;
/** So far below the screen it is begun. */
const AHEAD = "300px";

interface Props {
  fallback: ReactNode;
  children: ReactNode;
}

/** Heavy parts wait until they come into sight and the page has nothing else to do. */
export function WhenCalm({ fallback, children }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const [ready, setReady] = useState(false);
  useEffect(() => {
    if (ready || !place.current) return undefined;
    let idle: number | undefined;
    const begin = () => {
      if ("requestIdleCallback" in window) {
        idle = window.requestIdleCallback(() => setReady(true), { timeout: LATEST_MS });
      } else setReady(true);
    };
    const seen = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        seen.disconnect();
        begin();
      },
      { rootMargin: AHEAD },
    );
    seen.observe(place.current);
    return () => {
      seen.disconnect();
      if (idle !== undefined) window.cancelIdleCallback(idle);
    };
  }, [ready]);
  if (ready) return children;
  return (
    <div ref={place} style={{ display: "grid", gap: 16 }}>
      {fallback}
    </div>
  );
}
