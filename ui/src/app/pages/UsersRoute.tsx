import { getRouteApi } from "@tanstack/react-router";
import { CreatorPicker } from "@/features/creators/CreatorPicker";
import type { UsersSearch } from "@/features/identity/users/search";
import { UsersPage } from "@/features/identity/users/UsersPage";

const route = getRouteApi("/inside/users");

export function UsersRoute() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <UsersPage
      search={search}
      onSearch={(change: Partial<UsersSearch>) =>
        void navigate({
          search: (now) => ({ ...now, ...change }),
          // Typing in the search field must not fill the history.
          replace: "text" in change,
        })
      }
      creatorPicker={(value, onChange) => (
        <CreatorPicker label="Creator" value={value} onChange={onChange} />
      )}
    />
  );
}
