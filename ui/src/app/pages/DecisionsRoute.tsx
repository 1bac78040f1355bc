import { getRouteApi } from "@tanstack/react-router";
import { DecisionsPage } from "@/features/policy/DecisionsPage";
import type { DecisionSearch } from "@/features/policy/search";

const route = getRouteApi("/inside/decisions");

export function DecisionsRoute() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <DecisionsPage
      search={search}
      onSearch={(change: Partial<DecisionSearch>) =>
        void navigate({ search: (now) => ({ ...now, ...change }) })
      }
    />
  );
}
