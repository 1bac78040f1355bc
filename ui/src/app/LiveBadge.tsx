import { useSyncExternalStore } from "react";
import { liveState, type LiveState } from "@/api/live";
import classes from "./Shell.module.css";

const WORDS: Record<LiveState, string> = {
  off: "Offline",
  connecting: "Connecting",
  live: "Live",
  reconnecting: "Reconnecting",
};

export function LiveBadge() {
  const state = useSyncExternalStore(liveState.subscribe, liveState.get);
  return (
    <div className={classes.live} data-state={state} role="status" data-testid="live">
      <span className={classes.liveDot} aria-hidden />
      <span className={classes.label}>{WORDS[state]}</span>
    </div>
  );
}
