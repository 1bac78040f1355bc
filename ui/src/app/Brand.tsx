export function Brand({ size = 24 }: { size?: number }) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden>
      <rect width="32" height="32" rx="8" fill="var(--k-accent-solid)" />
      <path
        d="M10 7v18M22 7 11.5 16.2 22 25"
        fill="none"
        stroke="#fff"
        strokeWidth="3.2"
        strokeLinecap="square"
      />
    </svg>
  );
}
