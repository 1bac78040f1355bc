import classes from "./Initials.module.css";

const HUES = [225, 200, 165, 95, 40, 15, 340, 290];

function hueOf(name: string): number {
  let sum = 0;
  for (const char of name) sum = (sum * 31 + char.charCodeAt(0)) % 9973;
  return HUES[sum % HUES.length] ?? 225;
}

/** Decoration beside the written name, so it is hidden from screen readers. */
export function Initials({ name, size = 24 }: { name: string; size?: number }) {
  const letters = name
    .split(/\s+/)
    .slice(0, 2)
    .map((part) => part.charAt(0).toUpperCase())
    .join("");
  const hue = hueOf(name);
  return (
    <span
      aria-hidden
      data-letters={letters}
      className={classes.initials}
      style={{
        width: size,
        height: size,
        fontSize: size * 0.42,
        color: `light-dark(hsl(${hue} 45% 30%), hsl(${hue} 45% 80%))`,
        background: `light-dark(hsl(${hue} 45% 92%), hsl(${hue} 25% 24%))`,
      }}
    />
  );
}
