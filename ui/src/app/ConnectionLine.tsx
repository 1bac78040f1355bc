import { useNetwork } from "@mantine/hooks";
import { useEffect, useState, useSyncExternalStore } from "react";
import { liveState } from "@/api/live";
import classes from "./Shell.module.css";

/** A restart of the server takes a few seconds, and is nobody's business. */
const PATIENCE_MS = 6_000;

/** While the server cannot be reached: what that means for what is on the screen. */
export function ConnectionLine() {
  const { online } = useNetwork();
  const state = useSyncExternalStore(liveState.subscribe, liveState.get);
  const [long, setLong] = useState(false);
  const broken = state === "reconnecting";
  useEffect(() => {
    const timer = broken ? setTimeout(() => setLong(true), PATIENCE_MS) : undefined;
    return () => {
      clearTimeout(timer);
      setLong(false);
    };
  }, [broken]);
  if (online && !long) return null;
  return (
    <div className={classes.away} role="status">
      <strong>{online ? "The server does not answer." : "You are offline."}</strong> What you see
      may be old. What you type stays; it can be sent when the connection is back, which is noticed
      here.
    </div>
  );
}
