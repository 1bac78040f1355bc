import type { Transfer } from "@/api/types";
import { Money } from "@/kit/Money";
import classes from "./ledger.module.css";

/** A released hold moves nothing; the amount that came free says more than a zero. */
export function TransferAmount({ transfer, size }: { transfer: Transfer; size?: number }) {
  const sized = size ? { size } : {};
  if (transfer.kind !== "void" && transfer.kind !== "expire") {
    return <Money value={transfer.amount} {...(size ? sized : { weight: 560 })} />;
  }
  return (
    <span className={`${classes.released} muted`}>
      released <Money value={transfer.released} {...sized} />
    </span>
  );
}
