/** "Café" is found by "cafe". */
const fold = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();

/** Whether every word of `wanted` is somewhere in `text`, in any order and any case. */
export function hasWords(text: string, wanted: string): boolean {
  const held = fold(text);
  return fold(wanted)
    .split(/\s+/)
    .every((word) => held.includes(word));
}
