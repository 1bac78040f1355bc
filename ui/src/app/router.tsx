import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { auth } from "@/api/client";
import { keys } from "@/api/keys";
import { meQuery } from "@/api/me";
import { seat } from "@/api/seat";
import type { Me } from "@/api/types";
import { parseSearch } from "@/features/offers/search";
import { parseLedgerSearch } from "@/features/ledger/search";
import { parseDecisionSearch } from "@/features/policy/search";
import { parseUsersSearch } from "@/features/identity/users/search";
import { NotFound } from "./NotFound";
import { PageError, PageWaiting } from "./PageStates";
import { queryClient } from "./queryClient";
import { parseLoginSearch } from "./loginSearch";
import { isCreator } from "./session";
import { Shell } from "./Shell";

const rootRoute = createRootRoute({
  component: Outlet,
  notFoundComponent: NotFound,
});

const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/login",
  validateSearch: parseLoginSearch,
  component: lazyRouteComponent(() => import("./pages/LoginRoute"), "LoginRoute"),
});

/** Who is logged in; nobody is led to the login and back from there. */
async function whoIsThere(location: { href: string }): Promise<Me> {
  const me = await queryClient.ensureQueryData(meQuery);
  if (me) return me;
  const to = location.href === "/" ? {} : { to: location.href };
  throw redirect({ to: "/login", search: to });
}

const insideRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "inside",
  component: Shell,
  beforeLoad: async ({ location }) => {
    if (isCreator(await whoIsThere(location))) throw redirect({ to: "/my" });
  },
});

const homeRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/offers" });
  },
});

const offersRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: "/offers",
  validateSearch: parseSearch,
  component: lazyRouteComponent(() => import("./pages/OffersRoute"), "OffersRoute"),
});

const newOfferRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: "/offers/new",
  component: lazyRouteComponent(() => import("./pages/NewOfferRoute"), "NewOfferRoute"),
});

const ledgerRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: "/ledger",
  validateSearch: parseLedgerSearch,
  component: lazyRouteComponent(() => import("./pages/LedgerRoute"), "LedgerRoute"),
});

const decisionsRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: "/decisions",
  validateSearch: parseDecisionSearch,
  component: lazyRouteComponent(() => import("./pages/DecisionsRoute"), "DecisionsRoute"),
});

const usersRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: "/users",
  validateSearch: parseUsersSearch,
  component: lazyRouteComponent(() => import("./pages/UsersRoute"), "UsersRoute"),
});

/** The page of a creator: his own deals. */
const myRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/my",
  validateSearch: (raw: Record<string, unknown>): { offer?: string } =>
    typeof raw.offer === "string" ? { offer: raw.offer } : {},
  beforeLoad: async ({ location }) => {
    if (!isCreator(await whoIsThere(location))) throw redirect({ to: "/offers" });
  },
  component: lazyRouteComponent(() => import("./pages/MyRoute"), "MyRoute"),
});

/** In the demo: this tab becomes a creator's, the others stay whose they are. */
const openAsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/open-as/$creatorId",
  validateSearch: (raw: Record<string, unknown>): { offer?: string } =>
    typeof raw.offer === "string" ? { offer: raw.offer } : {},
  beforeLoad: async ({ location, params, search }) => {
    await whoIsThere(location);
    seat.take(await auth.openAs(params.creatorId));
    await queryClient.resetQueries({ queryKey: keys.me });
    throw redirect({ to: "/my", search });
  },
});

const tree = rootRoute.addChildren([
  loginRoute,
  myRoute,
  openAsRoute,
  insideRoute.addChildren([
    homeRoute,
    offersRoute,
    newOfferRoute,
    ledgerRoute,
    decisionsRoute,
    usersRoute,
  ]),
]);

export const router = createRouter({
  routeTree: tree,
  defaultPreload: "intent",
  defaultPendingComponent: PageWaiting,
  defaultErrorComponent: PageError,
  defaultNotFoundComponent: NotFound,
  notFoundMode: "root",
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
