import { Skeleton } from "@mantine/core";

/** The shape of the rows to come, so that nothing jumps when they do. */
export function TableSkeleton({ rows = 12 }: { rows?: number }) {
  return (
    <div role="status" aria-label="Loading" style={{ overflow: "hidden" }}>
      {Array.from({ length: rows }, (_, index) => (
        <div
          key={index}
          style={{
            display: "grid",
            gridTemplateColumns: "64px minmax(0, 2fr) minmax(0, 3fr) 90px minmax(60px, 1fr)",
            alignItems: "center",
            gap: 24,
            height: 44,
            padding: "0 16px",
            borderBottom: "1px solid var(--k-line)",
          }}
        >
          <Skeleton height={10} width={48} />
          <Skeleton height={10} width={`${55 + ((index * 23) % 35)}%`} />
          <Skeleton height={10} width={`${45 + ((index * 31) % 45)}%`} />
          <Skeleton height={18} radius={6} />
          <Skeleton height={10} ml="auto" width={`${60 + ((index * 13) % 30)}%`} />
        </div>
      ))}
    </div>
  );
}
