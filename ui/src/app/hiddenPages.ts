import { useMay } from "@/api/may";

/** Pages that the server would refuse this person. */
export function useHiddenPages(): ReadonlySet<string> {
  const creates = useMay("offers.create");
  const seesDecisions = useMay("decisions.read");
  const seesUsers = useMay("users.read");
  return new Set([
    ...(creates ? [] : ["/offers/new"]),
    ...(seesDecisions ? [] : ["/decisions"]),
    ...(seesUsers ? [] : ["/users"]),
  ]);
}
