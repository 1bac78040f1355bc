import {
  IconBuildingBank,
  IconLayoutList,
  IconPlus,
  IconSearch,
  IconShieldCheck,
  IconUsers,
} from "@tabler/icons-react";
import { Link, Outlet } from "@tanstack/react-router";
import { Brand } from "./Brand";
import { useHiddenPages } from "./hiddenPages";
import { ConnectionLine } from "./ConnectionLine";
import { Keys, openPalette } from "./Keys";
import { KeysHelp } from "./KeysHelp";
import { LiveBadge } from "./LiveBadge";
import classes from "./Shell.module.css";
import { SessionEnded } from "./SessionEnded";
import { UserMenu } from "./UserMenu";
import { useSession } from "./useSession";

const LINKS = [
  { to: "/offers", label: "Deals", icon: IconLayoutList, exact: true },
  { to: "/offers/new", label: "New offer", icon: IconPlus, exact: true },
  { to: "/ledger", label: "Cash", icon: IconBuildingBank, exact: false },
  { to: "/decisions", label: "Decisions", icon: IconShieldCheck, exact: false },
  { to: "/users", label: "Users", icon: IconUsers, exact: false },
] as const;

export function Shell() {
  useSession();
  const hidden = useHiddenPages();
  const links = LINKS.filter(({ to }) => !hidden.has(to));
  return (
    <div className={classes.shell}>
      <a className={classes.skip} href="#content">
        Skip to content
      </a>
      <nav className={classes.side} aria-label="Main">
        <Link to="/offers" className={classes.brand}>
          <Brand /> <span className={classes.label}>Kontor</span>
        </Link>
        {links.map(({ to, label, icon: Icon, exact }) => (
          <Link
            key={to}
            to={to}
            className={classes.link}
            activeOptions={{ exact, includeSearch: false }}
            title={label}
          >
            <Icon size={18} stroke={1.7} /> <span className={classes.label}>{label}</span>
          </Link>
        ))}
        <button type="button" className={classes.link} onClick={openPalette}>
          <IconSearch size={18} stroke={1.7} /> <span className={classes.label}>Go to</span>
          <span className={classes.key} aria-hidden>
            Ctrl K
          </span>
        </button>
        <span className={classes.grow} />
        <LiveBadge />
        <UserMenu />
      </nav>
      <header className={classes.top}>
        <Link to="/offers" className={classes.brand}>
          <Brand /> Kontor
        </Link>
        <div style={{ display: "flex", alignItems: "center" }}>
          <LiveBadge />
          <UserMenu compact />
        </div>
      </header>
      <main className={classes.main} id="content">
        <ConnectionLine />
        <div className={classes.content}>
          <Outlet />
        </div>
      </main>
      <nav className={classes.tabs} aria-label="Main, small screen">
        {links.map(({ to, label, icon: Icon, exact }) => (
          <Link
            key={to}
            to={to}
            className={classes.tab}
            activeOptions={{ exact, includeSearch: false }}
          >
            <Icon size={20} stroke={1.7} /> {label}
          </Link>
        ))}
      </nav>
      <Keys />
      <KeysHelp />
      <SessionEnded />
    </div>
  );
}
