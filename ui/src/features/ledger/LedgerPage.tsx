import { Button, Group, SegmentedControl, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { PageHead, TablePanel } from "@/kit/Panel";
import { Accounts } from "./Accounts";
import { AccountView } from "./AccountView";
import classes from "./ledger.module.css";
import { type LedgerSearch, type LedgerView, toPeriod } from "./search";
import { TransferDrawer } from "./TransferDrawer";
import { Transfers } from "./Transfers";
import { TrialBalanceView } from "./TrialBalanceView";
import { useTitle } from "@/kit/useTitle";

export interface LedgerProps {
  search: LedgerSearch;
  onSearch: (change: Partial<LedgerSearch>) => void;
  offerLink: (offerId: string) => ReactNode;
  /** The button that brings money in, for those who may. */
  payIn: ReactNode;
}

const TITLES = { accounts: "Cash", transfers: "Transfers", trial: "Trial balance" };

const VIEW_NAMES = [
  { value: "accounts", label: "Accounts" },
  { value: "transfers", label: "Transfers" },
  { value: "trial", label: "Trial balance" },
];

export function LedgerPage(props: LedgerProps) {
  const { search, onSearch } = props;
  useTitle(TITLES[search.view ?? "accounts"]);
  return (
    <div className={classes.page}>
      <PageHead title="Cash">
        <SegmentedControl
          aria-label="View"
          size="sm"
          value={search.view ?? "accounts"}
          data={VIEW_NAMES}
          onChange={(view) => onSearch({ view: view as LedgerView, account: undefined })}
        />
        {props.payIn}
      </PageHead>
      <View {...props} />
      {search.transfer && (
        <TransferDrawer
          id={search.transfer}
          offerLink={props.offerLink}
          onClose={() => onSearch({ transfer: undefined })}
        />
      )}
    </div>
  );
}

/** Narrows transfers to a period of whole days. */
function Period({ search, onSearch }: Pick<LedgerProps, "search" | "onSearch">) {
  const empty = search.from !== undefined && search.to !== undefined && search.to < search.from;
  return (
    <Group gap={8} align="flex-end">
      <TextInput
        type="date"
        size="sm"
        label="From"
        value={search.from ?? ""}
        max={search.to}
        onChange={(event) => onSearch({ from: event.currentTarget.value || undefined })}
      />
      <TextInput
        type="date"
        size="sm"
        label="To"
        value={search.to ?? ""}
        min={search.from}
        error={empty && "before it begins"}
        onChange={(event) => onSearch({ to: event.currentTarget.value || undefined })}
      />
      {(search.from ?? search.to) !== undefined && (
        <Button
          variant="subtle"
          size="sm"
          onClick={() => onSearch({ from: undefined, to: undefined })}
        >
          All
        </Button>
      )}
    </Group>
  );
}

function View({ search, onSearch }: LedgerProps) {
  const openTransfer = (transfer: string) => onSearch({ transfer });
  if (search.account) {
    return (
      <AccountView
        id={search.account}
        activeTransfer={search.transfer}
        onTransfer={openTransfer}
        onBack={() => onSearch({ account: undefined, transfer: undefined })}
      />
    );
  }
  if (search.view === "transfers") {
    return (
      <>
        <Period search={search} onSearch={onSearch} />
        <TablePanel>
          <Transfers query={toPeriod(search)} activeId={search.transfer} onOpen={openTransfer} />
        </TablePanel>
      </>
    );
  }
  if (search.view === "trial") return <TrialBalanceView />;
  return <Accounts onOpen={(account) => onSearch({ account })} />;
}
