import { Button } from "@mantine/core";
import { IconExternalLink, IconFileText } from "@tabler/icons-react";
import { documentUrl } from "@/api/client";
import type { DocumentRef, Offer } from "@/api/types";
import { Copy } from "@/kit/Copy";
import { Facts, Panel } from "@/kit/Panel";
import { Empty } from "@/kit/states";
import { bytes } from "@/kit/words";

interface DocumentProps {
  offer: Offer;
  kind: "termsheet" | "receipt";
  title: string;
  file: DocumentRef;
}

export function Documents({ offer }: { offer: Offer }) {
  if (!offer.term_sheet && !offer.receipt) {
    return (
      <Panel>
        <Empty
          icon={<IconFileText size={20} />}
          title="No documents yet"
          text="The term sheet appears when the offer is ready, the receipt when it is paid."
        />
      </Panel>
    );
  }
  return (
    <>
      {offer.receipt && (
        <DocumentPanel offer={offer} kind="receipt" title="Receipt" file={offer.receipt} />
      )}
      {offer.term_sheet && (
        <DocumentPanel offer={offer} kind="termsheet" title="Term sheet" file={offer.term_sheet} />
      )}
    </>
  );
}

function DocumentPanel({ offer, kind, title, file }: DocumentProps) {
  return (
    <Panel
      title={title}
      aside={
        <Button
          component="a"
          href={documentUrl(offer.id, kind)}
          target="_blank"
          rel="noreferrer"
          size="xs"
          variant="default"
          rightSection={<IconExternalLink size={14} />}
        >
          Open {title.toLowerCase()}
        </Button>
      }
    >
      <Facts
        items={[
          ["SHA-256", <Copy key="sha" text={file.sha256} label="SHA-256" show={16} />],
          ["Size", bytes(file.size_bytes)],
          ["Language", offer.language === "sv" ? "Swedish" : "English"],
        ]}
      />
    </Panel>
  );
}
