import "@mantine/spotlight/styles.css";
import { Spotlight, spotlight, type SpotlightActionData } from "@mantine/spotlight";
import {
  IconBuildingBank,
  IconFileDollar,
  IconLayoutList,
  IconPlus,
  IconShieldCheck,
  IconUsers,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { offers } from "@/api/client";
import { hasWords } from "@/api/find";
import { keys } from "@/api/keys";
import { statusLabel } from "@/kit/Status";
import { useTopLayer } from "@/kit/layers";
import { formatMoney } from "@/kit/money";
import classes from "./Palette.module.css";
import { useHiddenPages } from "./hiddenPages";

const FOUND = 8;
/** Keys that are typed here are typed into the palette, see Keys. */
const MARK = { "data-palette": true };

interface Props {
  text: string;
  onText: (text: string) => void;
  onClosing: () => void;
  /** It is off the screen. */
  onClosed: () => void;
}

/** Mounted by the first use, so that the first page need not load it. */
export function Palette({ text, onText, onClosing, onClosed }: Props) {
  useEffect(() => spotlight.open(), []);
  const [opened, setOpened] = useState(true);
  const top = useTopLayer(opened);
  const navigate = useNavigate();
  const hidden = useHiddenPages();
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
      (page) => hasWords(page.label, wanted) && !hidden.has(page.to),
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
      onQueryChange={onText}
      // The server has searched already; filtering again would hide what it found.
      filter={(_, all) => all}
      centered={false}
      shortcut={null}
      closeOnEscape={top}
      onSpotlightOpen={() => setOpened(true)}
      onSpotlightClose={() => {
        setOpened(false);
        onClosing();
      }}
      clearQueryOnClose={false}
      transitionProps={{ duration: 120, transition: "pop", onExited: onClosed }}
      nothingFound={found.isFetching ? "Searching" : "Nothing found"}
      searchProps={{ placeholder: "Go to a page, or search deals", "aria-label": "Go to" }}
      radius="12px"
      attributes={{ content: { "aria-label": "Palette", ...MARK } }}
      classNames={{ content: classes.content ?? "" }}
      overlayProps={{ blur: 0, backgroundOpacity: 0.5 }}
    />
  );
}

type Go = (to: "/offers" | "/offers/new" | "/ledger" | "/decisions" | "/users") => void;

const PAGES = [
  { to: "/offers", label: "Deals", icon: IconLayoutList },
  { to: "/offers/new", label: "New offer", icon: IconPlus },
  { to: "/ledger", label: "Cash", icon: IconBuildingBank },
  { to: "/decisions", label: "Decisions", icon: IconShieldCheck },
  { to: "/users", label: "Users", icon: IconUsers },
] as const;

const pages = (go: Go) =>
  PAGES.map(({ to, label, icon: Icon }) => ({
    id: to,
    to,
    label,
    leftSection: <Icon size={18} stroke={1.6} />,
    onClick: () => go(to),
  }));
