import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { setSessionLostHandler } from "@/api/http";
import { keys } from "@/api/keys";
import { startSync } from "@/api/sync";

/** While somebody is logged in: the event stream, and the way back to the login when it ends. */
export function useSession() {
  const client = useQueryClient();
  const navigate = useNavigate();
  useEffect(() => startSync(client), [client]);
  useEffect(() => {
    setSessionLostHandler(() => {
      client.setQueryData(keys.me, null);
      const to = window.location.pathname + window.location.search;
      void navigate({ to: "/login", search: { to } });
    });
    return () => setSessionLostHandler(() => undefined);
  }, [client, navigate]);
}
