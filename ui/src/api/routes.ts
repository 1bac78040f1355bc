/** A call that the contract does not know does not compile: neither its path nor its body. */
import { call, withQuery } from "./http";
import type { paths } from "./schema.gen";

type Verb = "get" | "post" | "put" | "delete";
type Api = { [P in keyof paths as P extends `/api/v1${infer Rest}` ? Rest : never]: paths[P] };
type Operation<P extends keyof Api, V extends Verb> = Exclude<Api[P][V], undefined>;
type Path<V extends Verb> = {
  [P in keyof Api]: [Operation<P, V>] extends [never] ? never : P;
}[keyof Api];

type ParametersOf<P extends keyof Api, V extends Verb, Where extends "query" | "path"> =
  Operation<P, V> extends { parameters: infer All }
    ? Where extends keyof All
      ? Exclude<All[Where], undefined>
      : never
    : never;

type Nullable<T> = [T] extends [never] ? never : { [K in keyof T]: T[K] | null };

/** What is null is left out of the address. */
export type QueryOf<P extends keyof Api, V extends Verb> = Nullable<ParametersOf<P, V, "query">>;
type BodyOf<P extends keyof Api, V extends Verb> =
  Operation<P, V> extends { requestBody: { content: { "application/json": infer Body } } }
    ? Body
    : never;
type Good = 200 | 201 | 202 | 204;
type AnswerOf<P extends keyof Api, V extends Verb> =
  Operation<P, V> extends { responses: infer All }
    ? {
        [Status in keyof All & Good]: All[Status] extends {
          content: { "application/json": infer Answer };
        }
          ? Answer
          : undefined;
      }[keyof All & Good]
    : never;

/** A part that the route does not have must not be given; one that it has must be. */
type Part<Name extends string, Value> = [Value] extends [never]
  ? { [N in Name]?: never }
  : Record<never, never> extends Value
    ? { [N in Name]?: Value }
    : { [N in Name]: Value };

type Parts<P extends keyof Api, V extends Verb> = Part<"path", ParametersOf<P, V, "path">> &
  Part<"query", QueryOf<P, V>> &
  Part<"body", BodyOf<P, V>> & {
    headers?: Record<string, string>;
    signal?: AbortSignal | undefined;
    refresh?: boolean;
  };
type Given<P extends keyof Api, V extends Verb> =
  Record<never, never> extends Parts<P, V> ? [parts?: Parts<P, V>] : [parts: Parts<P, V>];

interface Loose {
  path?: Record<string, string>;
  query?: Record<string, string | number | null | undefined>;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  refresh?: boolean;
}

export function route(path: keyof Api, parts: Pick<Loose, "path" | "query"> = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(parts.path?.[name] ?? ""),
  );
  return withQuery(filled, parts.query ?? {});
}

const ask =
  <V extends Verb>(verb: V) =>
  <P extends Path<V>>(path: P, ...given: Given<P, V>): Promise<AnswerOf<P, V>> => {
    const { path: names, query, ...options } = (given[0] ?? {}) as Loose;
    const body = verb === "post" ? { body: {} } : {};
    return call(verb.toUpperCase(), route(path, { path: names, query }), { ...body, ...options });
  };

export const get = ask("get");
export const post = ask("post");
export const put = ask("put");
export const del = ask("delete");
