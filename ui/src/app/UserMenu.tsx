import { ActionIcon, Menu, useMantineColorScheme } from "@mantine/core";
import { IconBug, IconKey, IconKeyboard, IconLogout, IconSettings } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { lazy, useState } from "react";
import { auth } from "@/api/client";
import { useMay } from "@/api/may";
import { seat } from "@/api/seat";
import { logoutUrl } from "@/features/identity/issuers";
import { Initials } from "@/kit/Initials";
import { LazyPart } from "@/kit/LazyPart";
import { words } from "@/kit/words";
import { openKeys } from "./KeysHelp";
import { isCreator, useDemo, useMe } from "./session";
import classes from "./Shell.module.css";

const SandboxBankModal = lazy(() =>
  import("@/features/payouts/SandboxBankModal").then((m) => ({ default: m.SandboxBankModal })),
);

const OwnAccount = lazy(() =>
  import("@/features/identity/OwnAccount").then((m) => ({ default: m.OwnAccount })),
);

const SCHEMES = [
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
  { value: "auto", label: "Like the system" },
] as const;

export function UserMenu({ compact }: { compact?: boolean }) {
  const me = useMe();
  const roles = me.roles.map(words).join(", ");
  const demo = useDemo();
  const mayAimBank = useMay("bank.write");
  const [bank, setBank] = useState(false);
  const [account, setAccount] = useState(false);
  return (
    <>
      <Menu position={compact ? "bottom-end" : "top-start"} width={220}>
        <Menu.Target>
          {compact ? (
            <ActionIcon size={36} aria-label={`Settings: ${me.display_name} ${roles}`}>
              <IconSettings size={20} />
            </ActionIcon>
          ) : (
            <button
              type="button"
              className={classes.user}
              // The words that are seen are in the name, for who speaks to the computer.
              aria-label={`Settings: ${me.display_name} ${roles}`}
            >
              <Initials name={me.display_name} size={28} />
              <span className={classes.label} style={{ minWidth: 0 }}>
                <div className={classes.userName}>{me.display_name}</div>
                <div className={classes.userRole}>{roles}</div>
              </span>
            </button>
          )}
        </Menu.Target>
        <Menu.Dropdown>
          <SchemeItems />
          <Menu.Divider />
          <Menu.Item leftSection={<IconKey size={16} />} onClick={() => setAccount(true)}>
            Password and sessions
          </Menu.Item>
          {demo && mayAimBank && (
            <Menu.Item leftSection={<IconBug size={16} />} onClick={() => setBank(true)}>
              Sandbox bank
            </Menu.Item>
          )}
          {!isCreator(me) && (
            <Menu.Item leftSection={<IconKeyboard size={16} />} onClick={openKeys}>
              Keyboard
            </Menu.Item>
          )}
          <LogoutItem />
        </Menu.Dropdown>
      </Menu>
      {account && (
        <LazyPart onClose={() => setAccount(false)}>
          <OwnAccount onClose={() => setAccount(false)} />
        </LazyPart>
      )}
      {bank && (
        <LazyPart onClose={() => setBank(false)}>
          <SandboxBankModal onClose={() => setBank(false)} />
        </LazyPart>
      )}
    </>
  );
}

function SchemeItems() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <>
      <Menu.Label>Appearance</Menu.Label>
      <Menu.RadioGroup
        value={colorScheme}
        onChange={(value) => setColorScheme(value as typeof colorScheme)}
      >
        {SCHEMES.map(({ value, label }) => (
          <Menu.RadioItem key={value} value={value}>
            {label}
          </Menu.RadioItem>
        ))}
      </Menu.RadioGroup>
    </>
  );
}

function LogoutItem() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const logout = async () => {
    const answer = await auth.logout().catch(() => undefined);
    seat.leave();
    // What one person saw must not wait in memory for the next one.
    client.clear();
    // Who came from somebody else's login also leaves there.
    const elsewhere = logoutUrl(answer);
    if (elsewhere) window.location.assign(elsewhere);
    else await navigate({ to: "/login" });
  };
  return (
    <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void logout()}>
      Log out
    </Menu.Item>
  );
}
