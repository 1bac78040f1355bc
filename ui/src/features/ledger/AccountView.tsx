import { ActionIcon } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { ledger } from "@/api/client";
import { keys } from "@/api/keys";
import { Copy } from "@/kit/Copy";
import { Money } from "@/kit/Money";
import { Facts, Panel, TablePanel } from "@/kit/Panel";
import { ErrorBox, Lines } from "@/kit/states";
import { words } from "@/kit/words";
import classes from "./ledger.module.css";
import { Transfers } from "./Transfers";

interface Props {
  id: string;
  activeTransfer: string | undefined;
  onTransfer: (id: string) => void;
  onBack: () => void;
}

const CONSTRAINTS = {
  none: "None",
  debits_not_exceed_credits: "Debits never above credits",
  credits_not_exceed_debits: "Credits never above debits",
};

export function AccountView({ id, activeTransfer, onTransfer, onBack }: Props) {
  const query = useQuery({
    queryKey: [...keys.ledger.all, "account", id],
    queryFn: () => ledger.account(id),
  });
  if (query.isPending) return <Lines count={6} />;
  if (query.isError) return <ErrorBox error={query.error} onRetry={() => void query.refetch()} />;
  const account = query.data;
  return (
    <>
      <Panel
        title={
          <span className={classes.crumb}>
            <ActionIcon aria-label="Back to all accounts" onClick={onBack}>
              <IconArrowLeft size={18} />
            </ActionIcon>
            {account.name} <Copy text={account.code} label="account code" />
          </span>
        }
      >
        <Facts
          items={[
            ["Balance", <Money key="b" value={account.balance} weight={620} size={16} />],
            ["Available", <Money key="a" value={account.available} size={16} />],
            ["Debits posted", <Money key="d" value={account.debits_posted} />],
            ["Credits posted", <Money key="c" value={account.credits_posted} />],
            ["Debits pending", <Money key="dp" value={account.debits_pending} />],
            ["Credits pending", <Money key="cp" value={account.credits_pending} />],
            ["Purpose", words(account.purpose)],
            ["Rule", CONSTRAINTS[account.constraint]],
          ]}
        />
      </Panel>
      <TablePanel>
        <Transfers
          query={{ account_id: id }}
          accountId={id}
          activeId={activeTransfer}
          onOpen={onTransfer}
        />
      </TablePanel>
    </>
  );
}
