import { type ErrorComponentProps, useRouter } from "@tanstack/react-router";
import { isMissingFile, Outdated } from "@/kit/LazyPart";
import { ErrorBox, Lines } from "@/kit/states";

export function PageWaiting() {
  return (
    <div style={{ padding: 24 }}>
      <Lines count={8} height={20} />
    </div>
  );
}

export function PageError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  if (isMissingFile(error)) return <Outdated />;
  const again = () => {
    reset();
    // What failed may have been asked before there was a page: all of it is asked again.
    void router.invalidate();
  };
  return <ErrorBox error={error} onRetry={again} />;
}
