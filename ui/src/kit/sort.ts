interface Directions {
  up?: string;
  down?: string;
}

/** Descending first (the newest, the largest), then ascending; some columns know one way only. */
export function nextSort({ up, down }: Directions, current: string | undefined): string {
  if (down !== undefined && current !== down) return down;
  return up ?? down ?? "";
}
