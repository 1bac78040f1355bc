import type { ReactNode } from "react";
import classes from "./kit.module.css";

interface PanelProps {
  title?: ReactNode;
  aside?: ReactNode;
  flush?: boolean;
  children: ReactNode;
}

export function Panel({ title, aside, flush, children }: PanelProps) {
  return (
    <section className={classes.panel}>
      {title !== undefined && (
        <div className={classes.panelHead}>
          <h2>{title}</h2>
          {aside !== undefined && <div className={classes.panelAside}>{aside}</div>}
        </div>
      )}
      <div className={classes.panelBody} data-flush={flush || undefined}>
        {children}
      </div>
    </section>
  );
}

/** A frame around a table and its tools that takes the height which is left. */
export function TablePanel({ children }: { children: ReactNode }) {
  return <div className={classes.tablePanel}>{children}</div>;
}

/** Label and value pairs; a pair without a value is left out. */
export function Facts({ items, wide }: { items: [string, ReactNode][]; wide?: boolean }) {
  return (
    <dl className={classes.facts} data-wide={wide || undefined}>
      {items
        .filter(([, value]) => ![null, undefined, false, ""].some((empty) => value === empty))
        .map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

export function PageHead({ title, children }: { title: ReactNode; children?: ReactNode }) {
  return (
    <header className={classes.pageHead}>
      <h1>{title}</h1>
      {children}
    </header>
  );
}
