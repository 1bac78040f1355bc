import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { lazy } from "react";
import { offers } from "@/api/client";
import { keys } from "@/api/keys";
import type { Offer } from "@/api/types";
import { RecipientButton } from "@/features/creators/RecipientButton";
import { MyPage } from "@/features/offers/my/MyPage";
import { Lines } from "@/kit/states";
import { LazyPart } from "@/kit/LazyPart";
import { Brand } from "../Brand";
import { ConnectionLine } from "../ConnectionLine";
import { LiveBadge } from "../LiveBadge";
import { SessionEnded } from "../SessionEnded";
import { UserMenu } from "../UserMenu";
import { useMe } from "../session";
import { useSession } from "../useSession";
import classes from "./My.module.css";

const WhatIf = lazy(() =>
  import("@/features/valuation/WhatIf").then((m) => ({ default: m.WhatIf })),
);

const route = getRouteApi("/my");

/** The house as a creator sees it: no side bar, nothing of the others. */
export function MyRoute() {
  useSession();
  const me = useMe();
  const { offer } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <div className={classes.page}>
      <header className={classes.top}>
        <span className={classes.brand}>
          <Brand /> Kontor
        </span>
        <span className={classes.name}>{me.display_name}</span>
        <LiveBadge />
        <UserMenu compact />
      </header>
      <ConnectionLine />
      <SessionEnded />
      <main className={classes.main}>
        <MyPage
          chosen={offer}
          onChoose={(id) => void navigate({ search: { offer: id } })}
          whatIf={(each) => <Sliders offer={each} />}
          recipient={(each, gone) => (
            <RecipientButton offerId={each.id} creator={each.creator} gone={gone} />
          )}
        />
      </main>
    </div>
  );
}

/** The house's valuation stays inside; what the saved terms give is asked like any other terms. */
function Sliders({ offer }: { offer: Offer }) {
  const { id, term_years, share_bp, works, version } = offer;
  const saved = useQuery({
    queryKey: keys.offers.saved(id, version),
    queryFn: ({ signal }) => offers.reprice(id, { term_years, share_bp, works }, signal),
    staleTime: Infinity,
    retry: false,
  });
  // Beside the offer itself it is an extra: without it the page is whole.
  if (saved.isError) return null;
  if (saved.isPending) return <Lines count={4} />;
  return (
    <LazyPart fallback={<Lines count={4} />}>
      <WhatIf offer={offer} saved={saved.data} />
    </LazyPart>
  );
}
