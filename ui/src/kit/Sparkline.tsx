interface Props {
  values: number[];
  label: string;
  width?: number;
  height?: number;
  /** Drawn lighter: a month that is not complete yet. */
  lastOpen?: boolean;
}

export function Sparkline({ values, label, width = 160, height = 36, lastOpen }: Props) {
  const top = Math.max(...values, 0) || 1;
  const step = width / Math.max(values.length, 1);
  const bar = Math.max(1, step - Math.min(2, step * 0.25));
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      role="img"
      aria-label={label}
    >
      {values.map((value, index) => {
        const tall = Math.max(1, (Math.max(value, 0) / top) * (height - 2));
        return (
          <rect
            key={index}
            x={index * step}
            y={height - tall}
            width={bar}
            height={tall}
            rx={Math.min(1.5, bar / 2)}
            fill="var(--k-accent-solid)"
            opacity={lastOpen && index === values.length - 1 ? 0.35 : 0.9}
          />
        );
      })}
    </svg>
  );
}
