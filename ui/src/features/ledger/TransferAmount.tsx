import type { Transfer } from "@/api/types";
import { Money } from "@/kit/Money";
import classes from "./ledger.module.css";

/** A released hold moves nothing; the amount that came free says more than a zero. */
export function TransferAmount({ transfer, size }: { transfer: Transfer; size?: number }) {
  const weight = size ? {} : { weight: 560 };
  if (!releases(transfer))
    return <Money value={transfer.amount} {...weight} {...(size ? { size } : {})} />;
  return (
    <span className="muted">
      <span className={classes.released}>released</span>{" "}
      <Money value={transfer.released} {...(size ? { size } : {})} />
    </span>
  );
}

export const releases = ({ kind }: Pick<Transfer, "kind">) => kind === "void" || kind === "expire";
