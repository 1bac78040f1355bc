import type { ErrorComponentProps } from "@tanstack/react-router";
import { ErrorBox, Lines } from "@/kit/states";

export function PageWaiting() {
  return (
    <div style={{ padding: 24 }}>
      <Lines count={8} height={20} />
    </div>
  );
}

export function PageError({ error, reset }: ErrorComponentProps) {
  // A new version of the console removes the old files: loading the page again brings the new ones.
  const outdated = /dynamically imported module|Importing a module|preload CSS/i.test(
    String(error),
  );
  return (
    <ErrorBox error={error} onRetry={outdated ? () => window.location.reload() : () => reset()} />
  );
}
