import type { ReactNode } from "react";
import type { Session } from "@/api/types";
import { Status } from "@/kit/Status";
import { When } from "@/kit/When";
import classes from "./users.module.css";

interface Props {
  label: string;
  sessions: Session[];
  /** What can be done with one of them. */
  action?: (session: Session) => ReactNode;
}

export function SessionList({ label, sessions, action }: Props) {
  return (
    <ul className={classes.list} aria-label={label}>
      {sessions.map((session) => (
        <li key={session.id} className={classes.line}>
          <span className={classes.lineText}>
            <div>From {session.address ?? "an address that is not known"}</div>
            <div>
              Opened <When at={session.created_at} />, last heard of <When at={session.seen_at} />,
              ends <When at={session.expires_at} />
            </div>
          </span>
          {session.current ? <Status code="session_current" /> : action?.(session)}
        </li>
      ))}
    </ul>
  );
}
