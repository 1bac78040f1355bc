import { Badge, Collapse, Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMay } from "@/api/may";
import type { Creator } from "@/api/types";
import { Initials } from "@/kit/Initials";
import { countryName, platformName } from "@/kit/words";
import classes from "./creators.module.css";
import { RecipientForm } from "./RecipientForm";

interface Props {
  creator: Creator;
  onCreator: (creator: Creator) => void;
}

export function ChosenCreator({ creator, onCreator }: Props) {
  const mayAddAccount = useMay("creators.recipient");
  const [open, { toggle, close }] = useDisclosure(false);
  return (
    <div>
      <div className={classes.chosen}>
        <Initials name={creator.display_name} size={40} />
        <div className={classes.name}>
          {creator.display_name}
          <span className={classes.sub}>
            {platformName(creator.platform)} · {creator.username}
            {creator.country && ` · ${countryName(creator.country)}`}
          </span>
        </div>
        {creator.recipient ? (
          <Badge color="gray" tt="none" fw={500}>
            Paid to {creator.recipient.account_masked}
          </Badge>
        ) : !mayAddAccount ? (
          <span className={classes.sub}>The treasurer adds the account</span>
        ) : (
          <Button variant="default" size="xs" onClick={toggle} aria-expanded={open}>
            Add account
          </Button>
        )}
      </div>
      {!creator.recipient && (
        <Collapse expanded={open} pt={16}>
          <RecipientForm
            creatorId={creator.id}
            holder={creator.display_name}
            onSaved={(recipient) => {
              onCreator({ ...creator, recipient });
              close();
            }}
          />
        </Collapse>
      )}
    </div>
  );
}
