import { ActionIcon, Tooltip } from "@mantine/core";
import { IconChevronDown, IconChevronRight, IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import type { TrialBalance } from "@/api/types";
import { download, toCsv } from "@/kit/csv";
import { Money } from "@/kit/Money";
import { Panel } from "@/kit/Panel";
import { ErrorBox, Lines } from "@/kit/states";
import { exact } from "@/kit/time";
import { words } from "@/kit/words";
import { useTrialBalance } from "./hooks";
import classes from "./ledger.module.css";
import { groupTrial, type TrialGroup, type TrialLine } from "./sums";

export function TrialBalanceView() {
  const query = useTrialBalance();
  if (query.isPending) return <Lines count={8} />;
  if (query.isError) return <ErrorBox error={query.error} onRetry={() => void query.refetch()} />;
  const { data } = query;
  return (
    <>
      {data.assets.map((asset) => (
        <AssetTable key={asset.asset} balance={data} asset={asset} />
      ))}
      <p className="muted" style={{ fontSize: 12, margin: 0 }}>
        As of {exact(data.at)}.
      </p>
    </>
  );
}

interface AssetProps {
  balance: TrialBalance;
  asset: TrialBalance["assets"][number];
}

function AssetTable({ balance, asset }: AssetProps) {
  const lines = balance.accounts.filter((each) => each.balance.currency === asset.asset);
  const even = Number(asset.difference.amount) === 0;
  return (
    <Panel
      title={asset.asset}
      aside={
        <span style={{ display: "flex", alignItems: "center", gap: 8, fontSize: 12 }}>
          <span style={{ color: even ? "var(--k-good)" : "var(--k-bad)" }}>
            {even ? "In balance" : <Money value={asset.difference} />}
          </span>
          <Tooltip label="Export as CSV">
            <ActionIcon
              aria-label={`Export ${asset.asset} as CSV`}
              onClick={() => download(`trial-balance-${asset.asset}.csv`, trialCsv(lines))}
            >
              <IconDownload size={18} />
            </ActionIcon>
          </Tooltip>
        </span>
      }
      flush
    >
      <div
        className={classes.scroll}
        tabIndex={0}
        role="region"
        aria-label={`${asset.asset} accounts`}
      >
        <table className={classes.trial}>
          <TrialHead />
          {groupTrial(lines).map((group) => (
            <TrialRows key={group.purpose} group={group} currency={asset.asset} />
          ))}
          <tfoot>
            <tr>
              <td>Total</td>
              <td className={classes.number}>
                <Money value={asset.debits} />
              </td>
              <td className={classes.number}>
                <Money value={asset.credits} />
              </td>
            </tr>
          </tfoot>
        </table>
      </div>
    </Panel>
  );
}

function TrialHead() {
  return (
    <thead>
      <tr>
        <th scope="col">Account</th>
        <th scope="col" className={classes.number}>
          Debits
        </th>
        <th scope="col" className={classes.number}>
          Credits
        </th>
      </tr>
    </thead>
  );
}

/** Hundreds of accounts (one for each deal) are one line until somebody wants to see them. */
function TrialRows({ group, currency }: { group: TrialGroup; currency: string }) {
  const [open, setOpen] = useState(false);
  const [first, ...others] = group.lines;
  if (first && others.length === 0) {
    return (
      <tbody>
        <TrialRow line={first} />
      </tbody>
    );
  }
  const Chevron = open ? IconChevronDown : IconChevronRight;
  return (
    <tbody>
      <tr>
        <td>
          <button
            type="button"
            className={classes.fold}
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            <span className={classes.groupName}>{words(group.purpose)}</span>
            <span className={classes.sub}>{group.lines.length} accounts</span>
            <Chevron size={16} className={classes.chevron} aria-hidden />
          </button>
        </td>
        <td className={classes.number}>
          <Money value={{ amount: group.debits, currency }} />
        </td>
        <td className={classes.number}>
          <Money value={{ amount: group.credits, currency }} />
        </td>
      </tr>
      {open && group.lines.map((line) => <TrialRow key={line.account.id} line={line} inner />)}
    </tbody>
  );
}

function TrialRow({ line, inner }: { line: TrialLine; inner?: boolean }) {
  const { account, debits, credits } = line;
  return (
    <tr>
      <td className={inner ? classes.inner : undefined}>
        {account.name} <span className={`${classes.code} mono`}>{account.code}</span>
      </td>
      <td className={classes.number}>
        <Money value={debits} />
      </td>
      <td className={classes.number}>
        <Money value={credits} />
      </td>
    </tr>
  );
}

function trialCsv(lines: TrialLine[]): string {
  return toCsv(
    ["code", "name", "purpose", "asset", "debits", "credits"],
    lines.map((each) => [
      each.account.code,
      each.account.name,
      each.purpose,
      each.balance.currency,
      each.debits.amount,
      each.credits.amount,
    ]),
  );
}
