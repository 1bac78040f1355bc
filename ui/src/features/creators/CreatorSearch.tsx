import { TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconChevronRight, IconSearch, IconUserSearch } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { creators } from "@/api/client";
import { keys } from "@/api/keys";
import type { Creator } from "@/api/types";
import { Initials } from "@/kit/Initials";
import { Empty, ErrorBox, Lines } from "@/kit/states";
import { countryName, platformName } from "@/kit/words";
import classes from "./creators.module.css";

export function CreatorSearch({ onChoose }: { onChoose: (creator: Creator) => void }) {
  const [text, setText] = useState("");
  const [wanted] = useDebouncedValue(text, 200);
  const query = useQuery({
    queryKey: keys.creators.list(wanted),
    queryFn: ({ signal }) => creators.list({ text: wanted, limit: 50 }, signal),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
  return (
    <>
      <TextInput
        aria-label="Search creators"
        placeholder="Search by name"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        leftSection={<IconSearch size={16} />}
      />
      {query.isPending ? (
        <Lines count={6} height={28} />
      ) : query.isError ? (
        <ErrorBox error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data.data.length === 0 ? (
        <Empty
          icon={<IconUserSearch size={20} />}
          title={wanted ? "Nobody found" : "No creators yet"}
          text="Add the creator as a new one."
        />
      ) : (
        <ul className={classes.list} aria-label="Creators">
          {query.data.data.map((creator) => (
            <li key={creator.id}>
              <button type="button" className={classes.item} onClick={() => onChoose(creator)}>
                <Initials name={creator.display_name} size={28} />
                <span className={classes.name}>
                  {creator.display_name}
                  <span className={classes.sub}>
                    {platformName(creator.platform)} · {creator.username}
                    {creator.country && ` · ${countryName(creator.country)}`}
                  </span>
                </span>
                <IconChevronRight size={16} color="var(--k-faint)" aria-hidden />
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
