import { Anchor } from "@mantine/core";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useMay } from "@/api/may";
import { LedgerPage } from "@/features/ledger/LedgerPage";
import type { LedgerSearch } from "@/features/ledger/search";
import { CapitalButton } from "@/features/payouts/CapitalButton";

const route = getRouteApi("/inside/ledger");

export function LedgerRoute() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const mayPayIn = useMay("payouts.capital");
  return (
    <LedgerPage
      search={search}
      onSearch={(change: Partial<LedgerSearch>) =>
        void navigate({ search: (now) => ({ ...now, ...change }) })
      }
      payIn={mayPayIn && <CapitalButton />}
      offerLink={(id) => (
        <Anchor component={Link} to={`/offers?offer=${id}`} size="sm">
          Open the deal
        </Anchor>
      )}
    />
  );
}
