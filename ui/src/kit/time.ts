const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "just now", "4 min ago", "in 3 h", "12 Mar", "12 Mar 2024" */
export function relative(iso: string, now = Date.now()): string {
  const at = new Date(iso);
  const seconds = Math.round((at.getTime() - now) / 1000);
  const size = Math.abs(seconds);
  const phrase = (count: number, unit: string) =>
    seconds < 0 ? `${count} ${unit} ago` : `in ${count} ${unit}`;
  if (size < 10) return "just now";
  if (size < MINUTE) return phrase(size, "s");
  if (size < HOUR) return phrase(Math.floor(size / MINUTE), "min");
  if (size < DAY) return phrase(Math.floor(size / HOUR), "h");
  if (size < 30 * DAY) return phrase(Math.floor(size / DAY), "d");
  const sameYear = at.getFullYear() === new Date(now).getFullYear();
  const options: Intl.DateTimeFormatOptions = { day: "numeric", month: "short" };
  return at.toLocaleDateString("en-GB", sameYear ? options : { ...options, year: "numeric" });
}

export function exact(iso: string): string {
  return new Date(iso).toLocaleString("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
  });
}

/** For logs, where many things happen in one minute: "16:08:28", "12 Mar, 16:08:28" */
export function clock(iso: string, now = new Date()): string {
  const at = new Date(iso);
  const time = at.toLocaleTimeString("en-GB");
  if (at.toDateString() === now.toDateString()) return time;
  return `${at.toLocaleDateString("en-GB", { day: "numeric", month: "short" })}, ${time}`;
}

/** "2024-03" -> "Mar 2024" */
export function monthName(month: string): string {
  const date = new Date(`${month}-01T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return month;
  return date.toLocaleDateString("en-GB", { month: "short", year: "numeric", timeZone: "UTC" });
}
