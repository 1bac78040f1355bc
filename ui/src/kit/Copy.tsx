import { ActionIcon, CopyButton, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import classes from "./kit.module.css";

interface Props {
  text: string;
  label: string;
  /** How many characters are shown; the whole text is copied. */
  show?: number;
}

export function Copy({ text, label, show }: Props) {
  const shown = show && text.length > show ? `${text.slice(0, show)}…` : text;
  return (
    <span className={classes.copy}>
      <span className={`${classes.copyText} mono`} title={text}>
        {shown}
      </span>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? "Copied" : `Copy ${label}`}>
            <ActionIcon size={22} onClick={copy} aria-label={`Copy ${label}`}>
              {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </span>
  );
}
