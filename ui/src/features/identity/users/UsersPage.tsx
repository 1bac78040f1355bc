import { SegmentedControl } from "@mantine/core";
import { IconUsers } from "@tabler/icons-react";
import { type ReactNode, useEffect } from "react";
import { useMay } from "@/api/may";
import type { User } from "@/api/types";
import { DataTable } from "@/kit/DataTable";
import { PageHead, TablePanel } from "@/kit/Panel";
import { Empty, ErrorBox } from "@/kit/states";
import { TableSkeleton } from "@/kit/TableSkeleton";
import { useTitle } from "@/kit/useTitle";
import { AddUser } from "./AddUser";
import { COLUMNS } from "./columns";
import { useLoaded, useUsers } from "./hooks";
import { Standing } from "./Marks";
import { Search } from "./Search";
import type { UsersSearch } from "./search";
import { SigningKeys } from "./SigningKeys";
import { UserDrawer } from "./UserDrawer";
import classes from "./users.module.css";
import { issuerName, roleWords, withText } from "./words";

export interface UsersPageProps {
  search: UsersSearch;
  onSearch: (change: Partial<UsersSearch>) => void;
  /** Chooses the creator that a login stands for. */
  creatorPicker: (value: string | null, onChange: (id: string | null) => void) => ReactNode;
}

const VIEWS = [
  { value: "users", label: "Users" },
  { value: "keys", label: "Signing keys" },
];

export function UsersPage({ search, onSearch, creatorPicker }: UsersPageProps) {
  useTitle(search.view === "keys" ? "Signing keys" : "Users");
  const mayWrite = useMay("users.write");
  const seesKeys = useMay("keys.read");
  const keysView = search.view === "keys";
  return (
    <div className={classes.page}>
      <PageHead title="Users">
        {seesKeys && (
          <SegmentedControl
            aria-label="View"
            size="sm"
            value={search.view ?? "users"}
            data={VIEWS}
            onChange={(view) =>
              onSearch({ view: view === "keys" ? "keys" : undefined, user: undefined })
            }
          />
        )}
        {mayWrite && !keysView && (
          <AddUser creatorPicker={creatorPicker} onAdded={({ id }) => onSearch({ user: id })} />
        )}
      </PageHead>
      {keysView ? <SigningKeys /> : <UserList search={search} onSearch={onSearch} />}
    </div>
  );
}

type ListProps = Pick<UsersPageProps, "search" | "onSearch">;

function UserList({ search, onSearch }: ListProps) {
  const list = useUsers();
  const all = useLoaded(list);
  const chosen = all.find((user) => user.id === search.user);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  // Somebody's link may lead to a user who is not among the first.
  const missing = search.user !== undefined && !chosen;
  useEffect(() => {
    if (missing && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [missing, hasNextPage, isFetchingNextPage, fetchNextPage]);
  return (
    <>
      <TablePanel>
        <Search
          text={search.text ?? ""}
          onText={(text) => onSearch({ text })}
          loaded={all.length}
          onMore={hasNextPage ? () => void fetchNextPage() : undefined}
          busy={isFetchingNextPage}
        />
        <Body list={list} all={all} search={search} onSearch={onSearch} />
      </TablePanel>
      {chosen && (
        <UserDrawer key={chosen.id} user={chosen} onClose={() => onSearch({ user: undefined })} />
      )}
    </>
  );
}

interface BodyProps extends ListProps {
  list: ReturnType<typeof useUsers>;
  all: User[];
}

function Body({ list, all, search, onSearch }: BodyProps) {
  if (list.isPending) return <TableSkeleton rows={8} />;
  // What was loaded stays on the screen when a later look fails.
  if (list.isError && all.length === 0) {
    return <ErrorBox error={list.error} onRetry={() => void list.refetch()} />;
  }
  const rows = withText(all, search.text ?? "");
  if (rows.length === 0) {
    return (
      <Empty
        icon={<IconUsers size={20} />}
        title={all.length === 0 ? "No users yet" : "No user matches"}
        text={
          all.length === 0
            ? "Add the first one: whoever works in this house has a login of his own."
            : "Searched are usernames, names and roles of those that are loaded."
        }
      />
    );
  }
  const more = list.hasNextPage && !list.isFetchingNextPage && !search.text;
  return (
    <DataTable
      label="Users"
      rows={rows}
      columns={COLUMNS}
      rowId={(user) => user.id}
      activeId={search.user}
      onOpen={(user) => onSearch({ user: user.id })}
      onEnd={more ? () => void list.fetchNextPage() : undefined}
      loadingMore={list.isFetchingNextPage}
      card={(user) => <UserCard user={user} />}
      cardHeight={72}
    />
  );
}

function UserCard({ user }: { user: User }) {
  return (
    <>
      <span className={classes.card}>
        <span className={classes.ellipsis}>{user.username}</span>
        <Standing user={user} />
      </span>
      <span className={classes.card}>
        <span className={`${classes.ellipsis} muted`}>{roleWords(user.roles)}</span>
        <span className="muted">{issuerName(user)}</span>
      </span>
    </>
  );
}
