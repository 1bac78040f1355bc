/** Seeded, so that pictures of the mocked console are the same at every run. */
let seed = 20260301;

export function random(): number {
  seed = (seed * 1664525 + 1013904223) % 4294967296;
  return seed / 4294967296;
}

export const between = (low: number, high: number) => low + random() * (high - low);

export function pick<T>(list: readonly T[]): T {
  return list[Math.floor(random() * list.length)] as T;
}

let counter = 0;
export function newId(): string {
  counter += 1;
  const tail = counter.toString(16).padStart(12, "0");
  return `0199c1d2-7f00-7000-8000-${tail}`;
}

export function sha(): string {
  return Array.from({ length: 64 }, () => Math.floor(random() * 16).toString(16)).join("");
}
