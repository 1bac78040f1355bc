import type { Money as MoneyValue } from "@/api/types";
import classes from "./kit.module.css";
import { decimalsOf, formatAmount } from "./money";

interface Props {
  value: MoneyValue | null;
  weight?: number;
  size?: number;
}

export function Money({ value, weight, size }: Props) {
  if (!value) {
    return (
      <span className={classes.none} aria-label="no amount">
        –
      </span>
    );
  }
  return (
    <span className={classes.money} style={{ fontWeight: weight, fontSize: size }}>
      <span className={classes.currency}>{value.currency}</span>{" "}
      <span>{formatAmount(value.amount, decimalsOf(value.currency))}</span>
    </span>
  );
}
