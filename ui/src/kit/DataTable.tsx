import { useElementSize, useMediaQuery } from "@mantine/hooks";
import { IconArrowUp } from "@tabler/icons-react";
import {
  type ColumnDef,
  getCoreRowModel,
  type Row,
  type RowData,
  useReactTable,
  type VisibilityState,
} from "@tanstack/react-table";
import { defaultRangeExtractor, useVirtualizer, type VirtualItem } from "@tanstack/react-virtual";
import { type ReactNode, type RefObject, useEffect, useRef, useSyncExternalStore } from "react";
import { flash } from "@/api/flash";
import classes from "./DataTable.module.css";
import { BodyCells, Head } from "./DataTableCells";
import { useHeldRows } from "./heldRows";
import { PHONE } from "./media";
import { RowStop } from "./rowStop";
import { useAttention } from "./useAttention";
import { useRoving } from "./useRoving";
import { useRowKeys } from "./useRowKeys";

declare module "@tanstack/react-table" {
  // The names of the two parameters are given by the library.
  interface ColumnMeta<TData extends RowData, TValue> {
    right?: boolean;
    grow?: boolean;
    /** The width of the table, in px, from which on there is room for it. */
    from?: number;
    /** The word the server sorts by; absent = not sortable. */
    sort?: { up?: string; down?: string };
    _types?: [TData, TValue];
  }
}

const ROW_PX = 44;
const HEAD_PX = 36;
const LOAD_AHEAD_ROWS = 20;

export interface News<T> {
  /** Which list it is: its filter and its order. */
  list: string;
  /** What a row is: "deal", "deals". */
  one: string;
  many: string;
  /** A row as it is now, when it has left the list while somebody points at it. */
  latest?: (id: string) => T | undefined;
}

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
  /** For rows that come by themselves: under a pointer or the focus nothing moves. */
  news?: News<T>;
}

/** What a narrow table leaves out first, so that its figures stay on the screen. */
function narrow<T>(columns: ColumnDef<T>[], width: number): VisibilityState {
  const left = columns.filter((column) => width > 0 && width < (column.meta?.from ?? 0));
  return Object.fromEntries(left.map((column) => [String(column.id), false]));
}

/** The rows, which stay where they are while somebody points at them. */
function useCalmRows<T>({ rows, rowId, news }: DataTableProps<T>) {
  useSyncExternalStore(flash.subscribe, flash.version);
  const attention = useAttention();
  const held = useHeldRows({
    rows,
    rowId,
    list: news?.list ?? "",
    held: news !== undefined && attention.held,
    latest: news?.latest,
  });
  return { ...held, attention };
}

interface WindowOptions<T> extends DataTableProps<T> {
  frame: RefObject<HTMLDivElement | null>;
  asCards: boolean;
}

/** The rows in sight, and the one that Tab leads to. */
function useWindow<T>({ frame, asCards, ...props }: WindowOptions<T>) {
  const { rows, rowId, activeId, onEnd, onOpen } = props;
  const roving = useRoving({ frame, ids: rows.map(rowId), activeId });
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => (asCards ? (props.cardHeight ?? 84) : ROW_PX),
    overscan: 12,
    // What the head of the table covers.
    scrollPaddingEnd: asCards ? 0 : HEAD_PX,
    // The row that Tab leads to is there wherever the list is scrolled to.
    rangeExtractor: (range) =>
      [...new Set([...defaultRangeExtractor(range), roving.at])]
        .filter((index) => index < range.count)
        .sort((a, b) => a - b),
  });
  useEffect(() => virtual.measure(), [asCards, virtual]);
  useEffect(() => {
    if (roving.asked > 0) virtual.scrollToIndex(roving.at);
    // Rows that come and go move the stop, and must not scroll for it.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [roving.asked]);

  const visible = virtual.getVirtualItems();
  const last = virtual.range?.endIndex ?? 0;
  useEffect(() => {
    if (onEnd && last >= rows.length - LOAD_AHEAD_ROWS) onEnd();
  }, [last, rows.length, onEnd]);
  useRowKeys({ rows, rowId, onOpen, activeId, scrollTo: (index) => virtual.scrollToIndex(index) });
  return { roving, virtual, visible };
}

/** One Tab stop, in which the arrow keys walk; only the rows in sight are in the page. */
export function DataTable<T>(props: DataTableProps<T>) {
  const { onOpen, card, activeId, news } = props;
  const frame = useRef<HTMLDivElement>(null);
  const { ref: outer, width } = useElementSize();
  const phone = useMediaQuery(PHONE, window.matchMedia(PHONE).matches);
  const asCards = phone && card !== undefined;
  const { rows, waiting, release, attention } = useCalmRows(props);
  const { roving, virtual, visible } = useWindow({ ...props, rows, frame, asCards });
  const table = useReactTable<T>({
    data: rows,
    columns: props.columns,
    getRowId: props.rowId,
    getCoreRowModel: getCoreRowModel(),
    state: { columnVisibility: { ...narrow(props.columns, width), ...props.visibility } },
  });
  const showNews = () => {
    release();
    virtual.scrollToOffset(0);
  };
  const tableRows = table.getRowModel().rows;
  return (
    <div ref={outer} className={classes.outer} {...attention.watch}>
      {waiting > 0 && news && <Waiting count={waiting} news={news} onShow={showNews} />}
      <div
        ref={frame}
        className={classes.frame}
        role={asCards ? "region" : "table"}
        aria-label={props.label}
        aria-rowcount={asCards ? undefined : rows.length + 1}
        onKeyDown={roving.onKeyDown}
        onFocus={roving.onFocus}
        onScroll={attention.onScroll}
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
            const stop = item.index === roving.at ? 0 : -1;
            const common = { item, row, active, stop, onOpen } as const;
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
    </div>
  );
}

interface WaitingProps<T> {
  count: number;
  news: News<T>;
  onShow: () => void;
}

function Waiting<T>({ count, news, onShow }: WaitingProps<T>) {
  return (
    <div className={classes.news} role="status">
      <button type="button" onClick={onShow}>
        <IconArrowUp size={14} aria-hidden /> {count} new {count === 1 ? news.one : news.many}
      </button>
    </div>
  );
}

interface RowProps<T> {
  item: VirtualItem;
  row: Row<T>;
  active: boolean;
  /** Its `tabIndex`. */
  stop: 0 | -1;
  onOpen: ((row: T) => void) | undefined;
}

function rowLook<T>({ item, row, active }: RowProps<T>) {
  return {
    "data-row": item.index,
    style: { height: item.size, transform: `translateY(${item.start}px)` },
    "data-active": active || undefined,
    "data-flash": flash.has(row.id) || undefined,
  };
}

function TableRow<T>(props: RowProps<T>) {
  const { row, item, onOpen, stop } = props;
  return (
    <div
      role="row"
      aria-rowindex={item.index + 2}
      className={classes.row}
      data-clickable={onOpen ? true : undefined}
      data-opens={onOpen ? true : undefined}
      tabIndex={onOpen ? stop : undefined}
      onClick={() => onOpen?.(row.original)}
      onKeyDown={(event) => {
        if (event.key === "Enter" && event.target === event.currentTarget) onOpen?.(row.original);
      }}
      {...rowLook(props)}
    >
      <RowStop value={stop}>
        <BodyCells row={row} />
      </RowStop>
    </div>
  );
}

function CardRow<T>(props: RowProps<T> & { card: (row: T) => ReactNode }) {
  const { row, onOpen, card, stop } = props;
  return (
    <button
      type="button"
      className={classes.card}
      data-opens
      tabIndex={stop}
      onClick={() => onOpen?.(row.original)}
      {...rowLook(props)}
    >
      {card(row.original)}
    </button>
  );
}
