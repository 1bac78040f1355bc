import "@mantine/spotlight/styles.css";
import { Spotlight, spotlight, type SpotlightActionData } from "@mantine/spotlight";
import {
  IconBuildingBank,
  IconFileDollar,
  IconLayoutList,
  IconPlus,
  IconShieldCheck,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { offers } from "@/api/client";
import { keys } from "@/api/keys";
import { statusLabel } from "@/kit/Status";
import { formatMoney } from "@/kit/money";
import { DECISION_READERS, useMay } from "./session";

const FOUND = 8;

/** Mounted by the first use, so that the first page need not load it. */
export function Palette() {
  useEffect(() => spotlight.open(), []);
  const navigate = useNavigate();
  const seesDecisions = useMay(DECISION_READERS);
  const [text, setText] = useState("");
  const wanted = text.trim();
  const query = { text: wanted, limit: FOUND };
  // Not under the lists of the deals page: live rows belong to those only.
  const found = useQuery({
    queryKey: ["palette", ...keys.offers.list(query)],
    queryFn: ({ signal }) => offers.list(query, signal),
    enabled: wanted.length >= 2,
    placeholderData: (previous) => previous,
  });
  const deals = wanted.length < 2 ? [] : (found.data?.data ?? []);
  const actions: SpotlightActionData[] = [
    ...pages((to) => void navigate({ to })).filter(
      (page) =>
        page.label?.toLowerCase().includes(wanted.toLowerCase()) &&
        (page.id !== "decisions" || seesDecisions),
    ),
    ...deals.map((offer) => ({
      id: offer.id,
      label: `${offer.number} ${offer.title}`,
      description: [
        offer.creator.display_name,
        statusLabel(offer.status),
        offer.offered ? formatMoney(offer.offered) : null,
      ]
        .filter(Boolean)
        .join(" · "),
      leftSection: <IconFileDollar size={18} stroke={1.6} />,
      onClick: () => void navigate({ to: "/offers", search: { offer: offer.id } }),
    })),
  ];
  return (
    <Spotlight
      actions={actions}
      query={text}
      onQueryChange={setText}
      // The server has searched already; filtering again would hide what it found.
      filter={(_, all) => all}
      shortcut={null}
      nothingFound={found.isFetching ? "Searching" : "Nothing found"}
      searchProps={{ placeholder: "Go to a page, or search deals", "aria-label": "Go to" }}
      radius="12px"
      overlayProps={{ blur: 0, backgroundOpacity: 0.4 }}
    />
  );
}

function pages(
  go: (to: "/offers" | "/offers/new" | "/ledger" | "/decisions") => void,
): SpotlightActionData[] {
  return [
    {
      id: "offers",
      label: "Deals",
      leftSection: <IconLayoutList size={18} stroke={1.6} />,
      onClick: () => go("/offers"),
    },
    {
      id: "new",
      label: "New offer",
      leftSection: <IconPlus size={18} stroke={1.6} />,
      onClick: () => go("/offers/new"),
    },
    {
      id: "ledger",
      label: "Cash",
      leftSection: <IconBuildingBank size={18} stroke={1.6} />,
      onClick: () => go("/ledger"),
    },
    {
      id: "decisions",
      label: "Decisions",
      leftSection: <IconShieldCheck size={18} stroke={1.6} />,
      onClick: () => go("/decisions"),
    },
  ];
}
