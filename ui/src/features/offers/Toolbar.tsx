import { ActionIcon, CloseButton, Menu, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconArrowsSort, IconColumns3, IconSearch } from "@tabler/icons-react";
import type { VisibilityState } from "@tanstack/react-table";
import { type ReactNode, useState } from "react";
import type { OfferStats } from "@/api/types";
import { COLUMNS } from "./columns";
import classes from "./offers.module.css";
import {
  type Group,
  GROUP_NAMES,
  GROUPS,
  type OffersSearch,
  readGroups,
  toggleGroup,
} from "./search";

interface Props {
  search: OffersSearch;
  stats: OfferStats | undefined;
  visibility: VisibilityState;
  onSearch: (change: Partial<OffersSearch>) => void;
  onVisibility: (next: VisibilityState) => void;
  exporter: ReactNode;
  creatorPicker: ReactNode;
}

export function Toolbar(props: Props) {
  return (
    <div className={classes.bar}>
      <Chips {...props} />
      <div className={classes.tools}>
        <SearchField text={props.search.text ?? ""} onText={(text) => props.onSearch({ text })} />
        <div className={classes.picker}>{props.creatorPicker}</div>
        <SortMenu sort={props.search.sort} onSort={(sort) => props.onSearch({ sort })} />
        <ColumnMenu visibility={props.visibility} onVisibility={props.onVisibility} />
        {props.exporter}
      </div>
    </div>
  );
}

function Chips({ search, stats, onSearch }: Props) {
  const active = readGroups(search.show);
  const count = (group: Group) => {
    const statuses: readonly string[] = GROUPS[group];
    return (stats?.by_status ?? [])
      .filter((each) => statuses.includes(each.status))
      .reduce((sum, each) => sum + each.count, 0);
  };
  return (
    <div className={classes.chips} role="group" aria-label="Filter by status">
      <button
        type="button"
        className={classes.chip}
        aria-pressed={active.length === 0}
        onClick={() => onSearch({ show: undefined })}
      >
        All {stats && <span className={classes.chipCount}>{stats.total}</span>}
      </button>
      {(Object.keys(GROUPS) as Group[]).map((group) => (
        <button
          key={group}
          type="button"
          className={classes.chip}
          aria-pressed={active.includes(group)}
          onClick={() => onSearch({ show: toggleGroup(search.show, group) })}
        >
          {GROUP_NAMES[group]}
          {stats && <span className={classes.chipCount}>{count(group)}</span>}
        </button>
      ))}
    </div>
  );
}

function SearchField({
  text,
  onText,
}: {
  text: string;
  onText: (text: string | undefined) => void;
}) {
  const [value, setValue] = useState(text);
  const [seen, setSeen] = useState(text);
  // The URL may change by the back button; the field follows it.
  if (seen !== text) {
    setSeen(text);
    setValue(text);
  }
  const push = useDebouncedCallback((next: string) => {
    setSeen(next);
    onText(next || undefined);
  }, 250);
  const change = (next: string) => {
    setValue(next);
    push(next);
  };
  return (
    <TextInput
      className={classes.search}
      aria-label="Search deals"
      placeholder="Title, creator or number"
      value={value}
      onChange={(event) => change(event.currentTarget.value)}
      leftSection={<IconSearch size={16} />}
      rightSection={
        value && <CloseButton size="sm" aria-label="Clear search" onClick={() => change("")} />
      }
      data-search
    />
  );
}

const SORT_NAMES: [string, string][] = [
  ["-created_at", "Newest first"],
  ["created_at", "Oldest first"],
  ["-updated_at", "Changed last"],
  ["-amount", "Largest amount"],
  ["amount", "Smallest amount"],
  ["title", "Title"],
];

interface SortProps {
  sort: string | undefined;
  onSort: (sort: string | undefined) => void;
}

/** On a phone there are no column heads to sort by. */
function SortMenu({ sort, onSort }: SortProps) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon size={32} aria-label="Sort" title="Sort" className={classes.phoneOnly}>
          <IconArrowsSort size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Sort</Menu.Label>
        <Menu.RadioGroup
          value={sort ?? "-created_at"}
          onChange={(next) => onSort(next === "-created_at" ? undefined : String(next))}
        >
          {SORT_NAMES.map(([value, label]) => (
            <Menu.RadioItem key={value} value={value}>
              {label}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}

function ColumnMenu({ visibility, onVisibility }: Pick<Props, "visibility" | "onVisibility">) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon size={32} aria-label="Choose columns" title="Choose columns" visibleFrom="xs">
          <IconColumns3 size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Columns</Menu.Label>
        {COLUMNS.map((column) => {
          const id = String(column.id);
          const shown = visibility[id] !== false;
          return (
            <Menu.CheckboxItem
              key={id}
              checked={shown}
              onChange={(checked) => onVisibility({ ...visibility, [id]: checked })}
            >
              {String(column.header)}
            </Menu.CheckboxItem>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}
