import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { startSync } from "@/api/sync";
import { useMe } from "./session";

/** While somebody is logged in: the event stream. */
export function useSession() {
  const client = useQueryClient();
  const { id } = useMe();
  useEffect(() => startSync(client, id), [client, id]);
}
