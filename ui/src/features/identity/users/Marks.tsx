import type { User } from "@/api/types";
import { Status } from "@/kit/Status";

/** Whether somebody can log in. */
export const Standing = ({ user }: { user: User }) => (
  <Status code={user.disabled ? "user_disabled" : "user_active"} />
);
