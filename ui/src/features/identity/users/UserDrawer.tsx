import { Button, CloseButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMay } from "@/api/may";
import { meQuery } from "@/api/me";
import type { User } from "@/api/types";
import { Copy } from "@/kit/Copy";
import { SideDrawer } from "@/kit/layers";
import { Facts, Panel } from "@/kit/Panel";
import { errorText, Lines } from "@/kit/states";
import { useTitle } from "@/kit/useTitle";
import { useUserSessions } from "./hooks";
import { Standing } from "./Marks";
import { SessionList } from "./SessionList";
import {
  ChangeRoles,
  DisableUser,
  EnableUser,
  EndSessions,
  SetPassword,
  type StepProps,
} from "./UserSteps";
import classes from "./users.module.css";
import { issuerName, roleWords } from "./words";

interface Props {
  user: User;
  onClose: () => void;
}

export function UserDrawer({ user, onClose }: Props) {
  useTitle(user.username);
  const mayWrite = useMay("users.write");
  const me = useQuery(meQuery).data;
  const sessions = useUserSessions(user.id);
  const step = { user, own: me?.id === user.id, sessions: sessions.data?.data.length };
  return (
    <SideDrawer label="User" size={560} onClose={onClose} className={classes.drawer}>
      <div className={classes.drawerTop}>
        <h2>{user.username}</h2>
        <Standing user={user} />
        <CloseButton aria-label="Close user" onClick={onClose} />
      </div>
      {mayWrite && <Steps {...step} />}
      <Panel>
        <Facts
          wide
          items={[
            ["Name", user.display_name],
            ["Roles", roleWords(user.roles)],
            ["Kept by", issuerName(user)],
            [
              "Creator",
              user.creator_id && (
                <Copy key="c" text={user.creator_id} label="creator id" show={20} />
              ),
            ],
            ["User id", <Copy key="id" text={user.id} label="user id" show={20} />],
          ]}
        />
      </Panel>
      <Panel title="Sessions" aside={mayWrite && <EndSessions {...step} />} flush>
        <Sessions query={sessions} />
      </Panel>
    </SideDrawer>
  );
}

/** Only what the server will not refuse; why the others are not there stands below. */
function Steps(step: StepProps) {
  const { user, own } = step;
  const ofHouse = user.issuer === null;
  const note = why(step);
  return (
    <>
      <div className={classes.actions}>
        {ofHouse && user.creator_id === null && <ChangeRoles {...step} />}
        {ofHouse && !own && <SetPassword {...step} />}
        {!own && <DisableUser {...step} />}
        {!own && <EnableUser {...step} />}
      </div>
      {note && <p className={classes.note}>{note}</p>}
    </>
  );
}

function why({ user, own }: StepProps): string | null {
  if (own) {
    return "This is you. Another admin can disable this login or take the role admin from it; your password is in the menu with your name.";
  }
  if (user.issuer !== null) {
    return `Roles and password of this login are kept by ${user.issuer}. Change them there.`;
  }
  if (user.creator_id !== null) {
    return "A login of a creator stays one: for other roles add a new user.";
  }
  return null;
}

function Sessions({ query }: { query: ReturnType<typeof useUserSessions> }) {
  if (query.isPending) {
    return (
      <div style={{ padding: 16 }}>
        <Lines count={2} />
      </div>
    );
  }
  if (query.isError) {
    return (
      <div className={classes.line} role="alert">
        <span className={classes.lineText}>{errorText(query.error)}</span>
        <Button size="xs" variant="default" onClick={() => void query.refetch()}>
          Try again
        </Button>
      </div>
    );
  }
  if (query.data.data.length === 0) {
    return (
      <div className={classes.line}>
        <span className="muted">Nobody is logged in with it now.</span>
      </div>
    );
  }
  return <SessionList label="Sessions" sessions={query.data.data} />;
}
