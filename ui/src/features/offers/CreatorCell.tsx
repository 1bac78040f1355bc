import type { OfferCreator } from "@/api/types";
import { Initials } from "@/kit/Initials";
import classes from "./offers.module.css";

export function CreatorCell({ creator }: { creator: OfferCreator }) {
  return (
    <span className={classes.creator}>
      <Initials name={creator.display_name} />
      <span className={classes.ellipsis}>{creator.display_name}</span>
    </span>
  );
}
