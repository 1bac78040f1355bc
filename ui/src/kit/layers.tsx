/**
 * Everything that lies over a page: dialogs, drawers, the palette. They know of each other, so
 * that Escape closes the topmost one only.
 */
import { Drawer, Modal, type ModalProps } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { type ReactNode, useCallback, useEffect, useId, useSyncExternalStore } from "react";
import { PHONE } from "./media";

let open: readonly string[] = [];
const listeners = new Set<() => void>();

function set(next: readonly string[]): void {
  open = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether this layer is the one that lies above all others. */
export function useTopLayer(opened: boolean): boolean {
  const id = useId();
  useEffect(() => {
    if (!opened) return undefined;
    set([...open, id]);
    return () => set(open.filter((each) => each !== id));
  }, [id, opened]);
  return useSyncExternalStore(subscribe, () => open.at(-1) === id);
}

interface DialogProps extends Pick<ModalProps, "size"> {
  opened: boolean;
  onClose: () => void;
  title: ReactNode;
  children: ReactNode;
}

export function Dialog({ opened, onClose, title, children, ...size }: DialogProps) {
  const top = useTopLayer(opened);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      closeOnEscape={top}
      closeButtonProps={CLOSE}
      attributes={PLAIN_HEAD}
      {...size}
    >
      {children}
    </Modal>
  );
}

const CLOSE = { "aria-label": "Close" };
/** The head of a dialog is no second banner of the page. */
const PLAIN_HEAD = { header: { role: "presentation" } };

interface SideProps {
  label: string;
  size: number;
  onClose: () => void;
  className?: string | undefined;
  children: ReactNode;
}

/** Beside a list and not over it: the list can still be walked, also by its keys. */
export function SideDrawer({ label, size, onClose, className, children }: SideProps) {
  const phone = useMediaQuery(PHONE, window.matchMedia(PHONE).matches);
  const top = useTopLayer(true);
  // Who opened it by a key goes on inside of it; the list takes the focus back, see DataTable.
  const enter = useCallback((content: HTMLElement | null) => {
    content?.focus({ preventScroll: true });
  }, []);
  return (
    <Drawer.Root
      opened
      position="right"
      onClose={onClose}
      size={phone ? "100%" : size}
      trapFocus={phone}
      lockScroll={phone}
      closeOnEscape={top}
      closeOnClickOutside={false}
      transitionProps={{ duration: 120 }}
    >
      <Drawer.Content
        ref={enter}
        aria-label={label}
        style={{ boxShadow: "var(--k-shadow)", outline: "none" }}
      >
        <Drawer.Body p={0} h="100%">
          {/* A box of its own: the body's padding is stronger than any class. */}
          {className ? <div className={className}>{children}</div> : children}
        </Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}
