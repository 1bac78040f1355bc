import { ActionIcon, Tooltip } from "@mantine/core";
import {
  IconBuildingBank,
  IconChevronDown,
  IconChevronRight,
  IconDownload,
} from "@tabler/icons-react";
import { useState } from "react";
import type { Account } from "@/api/types";
import { download, toCsv } from "@/kit/csv";
import { Money } from "@/kit/Money";
import { Panel } from "@/kit/Panel";
import { Empty, ErrorBox } from "@/kit/states";
import { TableSkeleton } from "@/kit/TableSkeleton";
import { words } from "@/kit/words";
import { useAccounts } from "./hooks";
import classes from "./ledger.module.css";
import { type AccountGroup, type Cash, cashByAsset, groupAccounts, onHold } from "./sums";

export function Accounts({ onOpen }: { onOpen: (accountId: string) => void }) {
  const query = useAccounts();
  if (query.isPending) return <TableSkeleton rows={8} />;
  if (query.isError) return <ErrorBox error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data.length === 0) {
    return (
      <Empty
        icon={<IconBuildingBank size={20} />}
        title="No accounts yet"
        text="Accounts are opened by the first capital that is paid in, and by the first accepted offer."
      />
    );
  }
  const groups = groupAccounts(query.data);
  return (
    <>
      {cashByAsset(groups).map((cash) => (
        <CashStrip key={cash.asset} cash={cash} />
      ))}
      <Panel
        title="Balances"
        aside={
          <Tooltip label="Export all accounts as CSV">
            <ActionIcon
              aria-label="Export CSV"
              onClick={() => download("accounts.csv", accountsCsv(query.data))}
            >
              <IconDownload size={18} />
            </ActionIcon>
          </Tooltip>
        }
        flush
      >
        <div className={`${classes.group} ${classes.listHead}`}>
          <span>Account</span>
          <span className={`${classes.right} ${classes.hold}`}>On hold</span>
          <span className={classes.right}>Balance</span>
          <span />
        </div>
        {groups.map((group) => (
          <Group key={group.purpose + group.asset} group={group} onOpen={onOpen} />
        ))}
      </Panel>
    </>
  );
}

function CashStrip({ cash }: { cash: Cash }) {
  const figures: [string, string][] = [
    [`House cash, ${cash.asset}`, cash.balance],
    ["On hold for payouts", cash.held],
    ["Free", cash.free],
    ["Owed to creators", cash.owed],
  ];
  return (
    <div className={classes.strip}>
      {figures.map(([label, amount]) => (
        <div key={label} className={classes.figure}>
          <div className={classes.figureLabel}>{label}</div>
          <Money value={{ amount, currency: cash.asset }} weight={620} />
        </div>
      ))}
    </div>
  );
}

/** Nothing on hold is a dash: zeros in every row would hide the few that matter. */
function Hold({ amount, asset }: { amount: string; asset: string }) {
  return (
    <span className={`${classes.right} ${classes.hold} muted`}>
      <Money value={Number(amount) === 0 ? null : { amount, currency: asset }} />
    </span>
  );
}

function Group({ group, onOpen }: { group: AccountGroup; onOpen: (id: string) => void }) {
  // One account needs no fold; hundreds (one for each deal) would bury the rest of the page.
  const [open, setOpen] = useState(group.purpose === "house_cash");
  const Chevron = open ? IconChevronDown : IconChevronRight;
  return (
    <>
      <button
        type="button"
        className={classes.group}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <span className={classes.groupName}>
          {words(group.purpose)}{" "}
          <span className={classes.sub}>
            {group.accounts.length} {group.accounts.length === 1 ? "account" : "accounts"}
          </span>
        </span>
        <Hold amount={group.pending} asset={group.asset} />
        <span className={classes.right}>
          <Money value={{ amount: group.balance, currency: group.asset }} weight={600} />
        </span>
        <Chevron size={16} className={classes.chevron} aria-hidden />
      </button>
      {open &&
        group.accounts.map((account) => (
          <button
            key={account.id}
            type="button"
            className={`${classes.group} ${classes.account}`}
            onClick={() => onOpen(account.id)}
          >
            <span style={{ minWidth: 0 }}>
              {account.name}
              <span className={`${classes.code} mono`}>{account.code}</span>
            </span>
            <Hold amount={onHold(account)} asset={account.asset} />
            <span className={classes.right}>
              <Money value={account.balance} />
            </span>
            <IconChevronRight size={16} className={classes.chevron} aria-hidden />
          </button>
        ))}
    </>
  );
}

function accountsCsv(accounts: Account[]): string {
  return toCsv(
    ["code", "name", "purpose", "asset", "balance", "available", "on_hold", "id"],
    accounts.map((each) => [
      each.code,
      each.name,
      each.purpose,
      each.asset,
      each.balance.amount,
      each.available.amount,
      onHold(each),
      each.id,
    ]),
  );
}
