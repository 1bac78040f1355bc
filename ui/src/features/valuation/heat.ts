/** Where a figure lies between the smallest (0) and the largest (1) of a table. */
export function heat(table: string[][]): number[][] {
  const all = table.flat().map(Number);
  const low = Math.min(...all);
  const high = Math.max(...all);
  const span = high - low || 1;
  return table.map((row) => row.map((value) => (Number(value) - low) / span));
}

/** The row or column that the valuation itself used. */
export function nearest(values: number[], wanted: number): number {
  let best = 0;
  values.forEach((value, index) => {
    if (Math.abs(value - wanted) < Math.abs((values[best] ?? 0) - wanted)) best = index;
  });
  return best;
}
