import { useMediaQuery } from "@mantine/hooks";
import {
  type ColumnDef,
  getCoreRowModel,
  type Row,
  type RowData,
  useReactTable,
  type VisibilityState,
} from "@tanstack/react-table";
import { useVirtualizer, type VirtualItem } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef, useSyncExternalStore } from "react";
import { flash } from "@/api/flash";
import classes from "./DataTable.module.css";
import { BodyCells, Head } from "./DataTableCells";
import { PHONE } from "./media";
import { useRowKeys } from "./useRowKeys";

declare module "@tanstack/react-table" {
  // The names of the two parameters are given by the library.
  interface ColumnMeta<TData extends RowData, TValue> {
    right?: boolean;
    grow?: boolean;
    /** The word the server sorts by; absent = not sortable. */
    sort?: { up?: string; down?: string };
    _types?: [TData, TValue];
  }
}

const ROW_PX = 44;
const LOAD_AHEAD_ROWS = 20;

export interface DataTableProps<T> {
  label: string;
  rows: T[];
  columns: ColumnDef<T>[];
  rowId: (row: T) => string;
  onOpen?: (row: T) => void;
  activeId?: string | undefined;
  sort?: string | undefined;
  onSort?: (sort: string) => void;
  visibility?: VisibilityState;
  onEnd?: (() => void) | undefined;
  loadingMore?: boolean;
  /** What a row is on a phone, where a table would only scroll sideways. */
  card?: (row: T) => ReactNode;
  cardHeight?: number;
}

export function DataTable<T>(props: DataTableProps<T>) {
  const { rows, rowId, onOpen, card, onEnd, activeId } = props;
  const frame = useRef<HTMLDivElement>(null);
  const phone = useMediaQuery(PHONE, window.matchMedia(PHONE).matches);
  const asCards = phone && card !== undefined;
  useSyncExternalStore(flash.subscribe, flash.version);

  const table = useReactTable<T>({
    data: rows,
    columns: props.columns,
    getRowId: rowId,
    getCoreRowModel: getCoreRowModel(),
    state: { columnVisibility: props.visibility ?? {} },
  });
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => (asCards ? (props.cardHeight ?? 84) : ROW_PX),
    overscan: 12,
  });
  useEffect(() => virtual.measure(), [asCards, virtual]);

  const visible = virtual.getVirtualItems();
  const last = visible.at(-1)?.index ?? 0;
  useEffect(() => {
    if (onEnd && last >= rows.length - LOAD_AHEAD_ROWS) onEnd();
  }, [last, rows.length, onEnd]);
  useRowKeys({ rows, rowId, onOpen, activeId, scrollTo: (index) => virtual.scrollToIndex(index) });

  const tableRows = table.getRowModel().rows;
  return (
    <div
      ref={frame}
      className={classes.frame}
      role={asCards ? "region" : "table"}
      aria-label={props.label}
      aria-rowcount={asCards ? undefined : rows.length + 1}
      tabIndex={0}
    >
      {!asCards && <Head table={table} sort={props.sort} onSort={props.onSort} />}
      <div
        className={classes.body}
        role={asCards ? undefined : "rowgroup"}
        style={{ height: virtual.getTotalSize() }}
      >
        {visible.map((item) => {
          const row = tableRows[item.index];
          if (!row) return null;
          const active = row.id === activeId;
          const common = { item, row, active, onOpen };
          return asCards ? (
            <CardRow key={row.id} {...common} card={card} />
          ) : (
            <TableRow key={row.id} {...common} />
          );
        })}
      </div>
      {props.loadingMore && (
        <div className={classes.more} role={asCards ? "status" : "presentation"}>
          Loading more
        </div>
      )}
    </div>
  );
}

interface RowProps<T> {
  item: VirtualItem;
  row: Row<T>;
  active: boolean;
  onOpen: ((row: T) => void) | undefined;
}

function rowLook<T>({ item, row, active }: RowProps<T>) {
  return {
    style: { height: item.size, transform: `translateY(${item.start}px)` },
    "data-active": active || undefined,
    "data-flash": flash.has(row.id) || undefined,
  };
}

function TableRow<T>(props: RowProps<T>) {
  const { row, item, onOpen } = props;
  return (
    <div
      role="row"
      aria-rowindex={item.index + 2}
      className={classes.row}
      data-clickable={onOpen ? true : undefined}
      tabIndex={onOpen ? 0 : undefined}
      onClick={() => onOpen?.(row.original)}
      onKeyDown={(event) => {
        if (event.key === "Enter" && event.target === event.currentTarget) onOpen?.(row.original);
      }}
      {...rowLook(props)}
    >
      <BodyCells row={row} />
    </div>
  );
}

function CardRow<T>(props: RowProps<T> & { card: (row: T) => ReactNode }) {
  const { row, onOpen, card } = props;
  return (
    <button
      type="button"
      className={classes.card}
      onClick={() => onOpen?.(row.original)}
      {...rowLook(props)}
    >
      {card(row.original)}
    </button>
  );
}
