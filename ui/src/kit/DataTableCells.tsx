import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { type Column, flexRender, type Header, type Row, type Table } from "@tanstack/react-table";
import type { CSSProperties } from "react";
import classes from "./DataTable.module.css";
import { RowStop } from "./rowStop";
import { nextSort } from "./sort";

function sizing<T>(column: Column<T>): CSSProperties {
  return {
    "--width": `${column.getSize()}px`,
    "--grow": column.columnDef.meta?.grow ? 1 : 0,
  } as CSSProperties;
}

interface HeadProps<T> {
  header: Header<T, unknown>;
  sort?: string | undefined;
  onSort?: ((sort: string) => void) | undefined;
}

function HeadCell<T>({ header, sort, onSort }: HeadProps<T>) {
  const meta = header.column.columnDef.meta;
  const title = flexRender(header.column.columnDef.header, header.getContext());
  const up = meta?.sort?.up !== undefined && meta.sort.up === sort;
  const down = meta?.sort?.down !== undefined && meta.sort.down === sort;
  return (
    <div
      role="columnheader"
      className={classes.headCell}
      style={sizing(header.column)}
      data-right={meta?.right || undefined}
      aria-sort={up ? "ascending" : down ? "descending" : undefined}
    >
      {meta?.sort && onSort ? (
        <button
          type="button"
          className={classes.sort}
          // Reached from the rows, by the arrow up: a table is one Tab stop.
          tabIndex={-1}
          data-sorted={up || down || undefined}
          onClick={() => onSort(nextSort(meta.sort ?? {}, sort))}
        >
          {title}
          {up && <IconArrowUp size={13} />}
          {down && <IconArrowDown size={13} />}
        </button>
      ) : (
        title
      )}
    </div>
  );
}

interface TableHeadProps<T> extends Omit<HeadProps<T>, "header"> {
  table: Table<T>;
}

export function Head<T>({ table, sort, onSort }: TableHeadProps<T>) {
  return (
    <div className={classes.head} role="rowgroup" data-head>
      <div className={classes.headRow} role="row" aria-rowindex={1}>
        <RowStop value={-1}>
          {table.getFlatHeaders().map((header) => (
            <HeadCell key={header.id} header={header} sort={sort} onSort={onSort} />
          ))}
        </RowStop>
      </div>
    </div>
  );
}

export function BodyCells<T>({ row }: { row: Row<T> }) {
  return row.getVisibleCells().map((cell) => (
    <div
      key={cell.id}
      role="cell"
      className={classes.cell}
      style={sizing(cell.column)}
      data-right={cell.column.columnDef.meta?.right || undefined}
    >
      {flexRender(cell.column.columnDef.cell, cell.getContext())}
    </div>
  ));
}
