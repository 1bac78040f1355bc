/** Codes of the wire as words a person reads; unknown codes still become a sentence. */
export function words(code: string): string {
  const text = code.toLowerCase().replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const PLATFORM_NAMES: Record<string, string> = {
  spotify: "Spotify",
  youtube: "YouTube",
  apple_music: "Apple Music",
  bandcamp: "Bandcamp",
  soundcloud: "SoundCloud",
  beatport: "Beatport",
  other: "Other",
};
export const platformName = (code: string) => PLATFORM_NAMES[code] ?? words(code);

let regions: Intl.DisplayNames | null = null;
export function countryName(code: string | null): string {
  if (!code) return "Unknown";
  try {
    regions ??= new Intl.DisplayNames(["en"], { type: "region" });
    return regions.of(code.toUpperCase()) ?? code;
  } catch {
    return code;
  }
}

export const termWords = (years: number | null) =>
  years === null ? "Life of rights" : `${years} ${years === 1 ? "year" : "years"}`;

export function bytes(size: number): string {
  const units = ["B", "kB", "MB", "GB"];
  let value = size;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
