/** Parts of a page that come when they are needed; one that does not come takes nothing with it. */
import { Button, Group } from "@mantine/core";
import { Component, type ReactNode, Suspense } from "react";
import classes from "./kit.module.css";
import { ErrorBox } from "./states";

/** A new version of the console takes the files of the old one away. */
export const isMissingFile = (error: unknown): boolean =>
  /dynamically imported module|importing a module|preload CSS|error loading/i.test(String(error));

/** Above everything, because what asked for the file may be no more than a key. */
export function Outdated({ onClose }: { onClose?: () => void }) {
  return (
    <div className={classes.outdated} role="alert">
      <strong>A part of the console could not be loaded.</strong>
      <span>
        Either the network is away, or there is a newer version. What you typed is still here: copy
        it if you need it, then load the page again.
      </span>
      <Group gap={8}>
        <Button size="xs" onClick={() => window.location.reload()}>
          Load again
        </Button>
        {onClose && (
          <Button size="xs" variant="default" onClick={onClose}>
            Not now
          </Button>
        )}
      </Group>
    </div>
  );
}

interface Props {
  /** Shown until the part is here. */
  fallback?: ReactNode;
  /** What asked for the part is told that it is not wanted any more. */
  onClose?: () => void;
  /** It did not come; said to whom waits for it. */
  onFailed?: () => void;
  children: ReactNode;
}

export class LazyPart extends Component<Props, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override componentDidCatch() {
    this.props.onFailed?.();
  }

  override render() {
    const { fallback, onClose, children } = this.props;
    const { error } = this.state;
    if (error === null) return <Suspense fallback={fallback ?? null}>{children}</Suspense>;
    if (!isMissingFile(error)) {
      return <ErrorBox error={error} onRetry={() => this.setState({ error: null })} />;
    }
    return <Outdated {...(onClose ? { onClose } : {})} />;
  }
}
