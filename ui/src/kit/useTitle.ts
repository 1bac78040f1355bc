import { useEffect } from "react";

const HOUSE = "Kontor";
/** What is open, the innermost last: a deal over the list of deals. */
const open: { text: string }[] = [];

const show = () => {
  const top = open.at(-1)?.text;
  document.title = top ? `${top} · ${HOUSE}` : HOUSE;
};

/** The title of the tab while this is on the screen. */
export function useTitle(text: string): void {
  useEffect(() => {
    const mine = { text };
    open.push(mine);
    show();
    return () => {
      open.splice(open.indexOf(mine), 1);
      show();
    };
  }, [text]);
}
