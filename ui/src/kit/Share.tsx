import classes from "./kit.module.css";
import { formatPercent } from "./money";

interface Props {
  bp: number;
  label: string;
  /** Confidence is good when high; a plain share has no good or bad. */
  judged?: boolean;
}

export function Share({ bp, label, judged }: Props) {
  const tone = !judged ? undefined : bp >= 7000 ? "good" : bp >= 4000 ? "warn" : "bad";
  return (
    <div className={classes.share}>
      <div
        className={classes.shareTrack}
        role="meter"
        aria-label={label}
        aria-valuenow={Math.round(bp / 100)}
        aria-valuemin={0}
        aria-valuemax={100}
      >
        <div
          className={classes.shareFill}
          data-tone={tone}
          style={{ width: `${Math.min(100, Math.max(0, bp / 100))}%` }}
        />
      </div>
      <span className="num" style={{ fontSize: 12, textAlign: "right" }}>
        {formatPercent(bp, bp < 1000 && bp % 100 !== 0 ? 1 : 0)}
      </span>
    </div>
  );
}
