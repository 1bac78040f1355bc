import { Button } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { IconFileDollar, IconFilterOff } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import type { VisibilityState } from "@tanstack/react-table";
import { type ReactNode, useMemo } from "react";
import { offers } from "@/api/client";
import { keys } from "@/api/keys";
import type { Offer } from "@/api/types";
import { DataTable } from "@/kit/DataTable";
import { ExportButton } from "@/kit/ExportButton";
import { PageHead, TablePanel } from "@/kit/Panel";
import { Empty, ErrorBox } from "@/kit/states";
import { TableSkeleton } from "@/kit/TableSkeleton";
import { COLUMNS, HIDDEN_FIRST } from "./columns";
import { offersCsv } from "./export";
import { Figures } from "./Figures";
import { useOffers, useStats } from "./hooks";
import { OfferCard } from "./OfferCard";
import classes from "./offers.module.css";
import { type OffersSearch, toQuery } from "./search";
import { Toolbar } from "./Toolbar";
import { useTitle } from "@/kit/useTitle";

interface Props {
  search: OffersSearch;
  onSearch: (change: Partial<OffersSearch>) => void;
  creatorPicker: ReactNode;
  /** The button that starts a new offer; where it leads is the app's matter. */
  newOffer: ReactNode;
}

export function OffersPage({ search, onSearch, creatorPicker, newOffer }: Props) {
  useTitle("Deals");
  const stats = useStats();
  const query = useMemo(() => toQuery(search), [search]);
  const list = useOffers(query);
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.data) ?? [], [list.data]);
  const [visibility, setVisibility] = useLocalStorage<VisibilityState>({
    key: "kontor-offers-columns",
    defaultValue: HIDDEN_FIRST,
    getInitialValueInEffect: false,
  });

  return (
    <div className={classes.page}>
      <PageHead title="Deals">{newOffer}</PageHead>
      <Figures stats={stats.data} />
      <TablePanel>
        <Toolbar
          search={search}
          stats={stats.data}
          visibility={visibility}
          onSearch={onSearch}
          onVisibility={setVisibility}
          exporter={
            <ExportButton
              label="Export CSV"
              fileName="deals.csv"
              page={(cursor) => offers.list({ ...query, limit: 250, cursor })}
              toCsv={offersCsv}
            />
          }
          creatorPicker={creatorPicker}
        />
        <OfferRows
          list={list}
          rows={rows}
          search={search}
          onSearch={onSearch}
          visibility={visibility}
          newOffer={newOffer}
        />
      </TablePanel>
    </div>
  );
}

interface RowsProps extends Pick<Props, "search" | "onSearch" | "newOffer"> {
  list: ReturnType<typeof useOffers>;
  rows: Offer[];
  visibility: VisibilityState;
}

function OfferRows({ list, rows, search, onSearch, visibility, newOffer }: RowsProps) {
  const client = useQueryClient();
  if (list.isPending) return <TableSkeleton />;
  if (list.isError) return <ErrorBox error={list.error} onRetry={() => void list.refetch()} />;
  if (rows.length === 0) return <NoRows search={search} onSearch={onSearch} newOffer={newOffer} />;
  const more = list.hasNextPage && !list.isFetchingNextPage;
  return (
    <DataTable
      label="Deals"
      rows={rows}
      columns={COLUMNS}
      rowId={(row) => row.id}
      onOpen={(row) => onSearch({ offer: row.id })}
      activeId={search.offer}
      sort={search.sort ?? "-created_at"}
      onSort={(sort) => onSearch({ sort: sort === "-created_at" ? undefined : sort })}
      visibility={visibility}
      onEnd={more ? () => void list.fetchNextPage() : undefined}
      loadingMore={list.isFetchingNextPage}
      card={(row) => <OfferCard offer={row} />}
      cardHeight={82}
      news={{
        list: JSON.stringify([search.show, search.text, search.creator, search.sort]),
        one: "deal",
        many: "deals",
        latest: (id) => client.getQueryData<Offer>(keys.offers.detail(id)),
      }}
    />
  );
}

function NoRows({ search, onSearch, newOffer }: Pick<Props, "search" | "onSearch" | "newOffer">) {
  if (!search.show && !search.text && !search.creator) {
    return (
      <Empty
        icon={<IconFileDollar size={20} />}
        title="No deals yet"
        text="Add a creator, drop in royalty statements, and the first offer is valued in about a second."
        action={newOffer}
      />
    );
  }
  return (
    <Empty
      icon={<IconFilterOff size={20} />}
      title="No deal matches these filters"
      action={
        <Button
          variant="default"
          onClick={() => onSearch({ show: undefined, text: undefined, creator: undefined })}
        >
          Clear filters
        </Button>
      }
    />
  );
}
