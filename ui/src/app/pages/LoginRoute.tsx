import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { keys } from "@/api/keys";
import { LoginPage } from "@/features/identity/LoginPage";
import { Brand } from "../Brand";
import { useDemo, useIssuers } from "../session";
import { useTitle } from "@/kit/useTitle";

const route = getRouteApi("/login");

export function LoginRoute() {
  useTitle("Log in");
  const { to, error } = route.useSearch();
  const navigate = useNavigate();
  const client = useQueryClient();
  const demo = useDemo();
  const issuers = useIssuers();
  const onDone = async () => {
    await client.resetQueries({ queryKey: keys.me });
    await navigate({ href: to ?? "/offers" });
  };
  return (
    <LoginPage
      brand={<Brand size={32} />}
      demo={demo}
      issuers={issuers}
      to={to ?? "/"}
      error={error}
      onDone={onDone}
    />
  );
}
