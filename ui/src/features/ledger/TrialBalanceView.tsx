import { ActionIcon, Tooltip } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import type { TrialBalance } from "@/api/types";
import { download, toCsv } from "@/kit/csv";
import { Money } from "@/kit/Money";
import { Panel } from "@/kit/Panel";
import { ErrorBox, Lines } from "@/kit/states";
import { exact } from "@/kit/time";
import { useTrialBalance } from "./hooks";
import classes from "./ledger.module.css";

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
  const accounts = balance.accounts.filter((each) => each.balance.currency === asset.asset);
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
              onClick={() => download(`trial-balance-${asset.asset}.csv`, trialCsv(accounts))}
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
          <tbody>
            {accounts.map(({ account, debits, credits }) => (
              <tr key={account.id}>
                <td>
                  {account.name} <span className={`${classes.code} mono`}>{account.code}</span>
                </td>
                <td className="num">
                  <Money value={debits} />
                </td>
                <td className="num">
                  <Money value={credits} />
                </td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <td>Total</td>
              <td className="num">
                <Money value={asset.debits} />
              </td>
              <td className="num">
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
        <th scope="col" className="num">
          Debits
        </th>
        <th scope="col" className="num">
          Credits
        </th>
      </tr>
    </thead>
  );
}

function trialCsv(accounts: TrialBalance["accounts"]): string {
  return toCsv(
    ["code", "name", "asset", "debits", "credits"],
    accounts.map((each) => [
      each.account.code,
      each.account.name,
      each.balance.currency,
      each.debits.amount,
      each.credits.amount,
    ]),
  );
}
