import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { parseSearch } from "@/features/offers/search";
import { parseLedgerSearch } from "@/features/ledger/search";
import { NotFound } from "./NotFound";
import { PageError, PageWaiting } from "./PageStates";
import { queryClient } from "./queryClient";
import { meQuery } from "./session";
import { Shell } from "./Shell";

const rootRoute = createRootRoute({
  component: Outlet,
  notFoundComponent: NotFound,
});

const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/login",
  validateSearch: (raw: Record<string, unknown>): { to?: string } =>
    // Only a path of this console: a link must not send anybody elsewhere after the login.
    typeof raw.to === "string" && /^\/(?![/\\])/.test(raw.to) ? { to: raw.to } : {},
  component: lazyRouteComponent(() => import("./pages/LoginRoute"), "LoginRoute"),
});

const insideRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "inside",
  component: Shell,
  beforeLoad: async ({ location }) => {
    const me = await queryClient.ensureQueryData(meQuery);
    if (!me) {
      const to = location.href === "/" ? {} : { to: location.href };
      throw redirect({ to: "/login", search: to });
    }
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

const tree = rootRoute.addChildren([
  loginRoute,
  insideRoute.addChildren([homeRoute, offersRoute, newOfferRoute, ledgerRoute]),
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
