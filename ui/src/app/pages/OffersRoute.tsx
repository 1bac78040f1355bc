import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { lazy, useCallback } from "react";
import { useMay } from "@/api/may";
import { CreatorPicker } from "@/features/creators/CreatorPicker";
import { OffersPage } from "@/features/offers/OffersPage";
import type { OffersSearch } from "@/features/offers/search";
import { LazyPart } from "@/kit/LazyPart";

// The first load is the table; what a deal needs comes with the first deal that is opened.
const OfferPanel = lazy(() => import("../OfferPanel").then((m) => ({ default: m.OfferPanel })));

const route = getRouteApi("/inside/offers");

export function OffersRoute() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const creates = useMay("offers.create");
  const onSearch = useCallback(
    (change: Partial<OffersSearch>) =>
      void navigate({
        search: (now) => ({ ...now, ...change }),
        // Typing in the search field must not fill the history.
        replace: "text" in change,
      }),
    [navigate],
  );
  return (
    <>
      <OffersPage
        search={search}
        onSearch={onSearch}
        creatorPicker={
          <CreatorPicker
            value={search.creator ?? null}
            onChange={(creator) => onSearch({ creator: creator ?? undefined })}
          />
        }
        newOffer={
          creates && (
            <Button component={Link} to="/offers/new" leftSection={<IconPlus size={16} />}>
              New offer
            </Button>
          )
        }
      />
      {search.offer && (
        <LazyPart onClose={() => onSearch({ offer: undefined, tab: undefined })}>
          <OfferPanel
            id={search.offer}
            tab={search.tab ?? "overview"}
            onTab={(tab) => onSearch({ tab: tab === "overview" ? undefined : tab })}
            onClose={() => onSearch({ offer: undefined, tab: undefined })}
          />
        </LazyPart>
      )}
    </>
  );
}
