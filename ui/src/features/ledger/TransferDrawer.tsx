import { CloseButton } from "@mantine/core";
import type { ReactNode } from "react";
import type { AccountRef, Transfer } from "@/api/types";
import { Copy } from "@/kit/Copy";
import { SideDrawer } from "@/kit/layers";
import { Facts, Panel } from "@/kit/Panel";
import { ErrorBox, Lines } from "@/kit/states";
import { Status } from "@/kit/Status";
import { exact } from "@/kit/time";
import { words } from "@/kit/words";
import { holdWords } from "./holds";
import { useTransfer } from "./hooks";
import classes from "./ledger.module.css";
import { TransferAmount } from "./TransferAmount";

interface Props {
  id: string;
  offerLink: (offerId: string) => ReactNode;
  onClose: () => void;
}

export function TransferDrawer({ id, offerLink, onClose }: Props) {
  const query = useTransfer(id);
  return (
    <SideDrawer label="Transfer" size={560} onClose={onClose} className={classes.drawer}>
      <div className={classes.drawerTop}>
        <h2>Transfer</h2>
        <CloseButton aria-label="Close transfer" onClick={onClose} />
      </div>
      {query.isPending ? (
        <Lines count={8} />
      ) : query.isError ? (
        <ErrorBox error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <TransferFacts transfer={query.data} offerLink={offerLink} />
      )}
    </SideDrawer>
  );
}

function TransferFacts({ transfer, offerLink }: { transfer: Transfer } & Pick<Props, "offerLink">) {
  const text = holdWords(transfer);
  return (
    <Panel
      title={<TransferAmount transfer={transfer} size={16} />}
      aside={<Status code={transfer.state} {...(text ? { text } : {})} />}
    >
      <Facts
        wide
        items={[
          ["Debit", <AccountName key="d" account={transfer.debit_account} />],
          ["Credit", <AccountName key="c" account={transfer.credit_account} />],
          ["Type", words(transfer.type)],
          ["Kind", words(transfer.kind)],
          ["When", exact(transfer.at)],
          ["Booked by", transfer.actor],
          [
            "Position",
            transfer.position !== null && (
              <span key="p" className="num">
                #{transfer.position}
              </span>
            ),
          ],
          [
            "Reference",
            transfer.reference && <Copy text={transfer.reference} label="reference" show={20} />,
          ],
          ["Transfer id", <Copy key="id" text={transfer.id} label="transfer id" show={13} />],
          [
            "Settles hold",
            transfer.pending_id && (
              <Copy text={transfer.pending_id} label="id of the hold" show={13} />
            ),
          ],
          ["Deal", transfer.offer_id && offerLink(transfer.offer_id)],
        ]}
      />
    </Panel>
  );
}

function AccountName({ account }: { account: AccountRef }) {
  return (
    <>
      {account.name}
      <div className="mono muted">{account.code}</div>
    </>
  );
}
