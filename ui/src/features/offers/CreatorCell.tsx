import type { Creator } from "@/api/types";
import { Initials } from "@/kit/Initials";
import classes from "./offers.module.css";

export function CreatorCell({ creator }: { creator: Creator }) {
  return (
    <span className={classes.creator}>
      <Initials name={creator.display_name} />
      <span className={classes.ellipsis}>{creator.display_name}</span>
    </span>
  );
}
