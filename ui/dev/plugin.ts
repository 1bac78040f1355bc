/** Development only: answers `/api/v1` from memory, so that pages can be looked at without a server. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Plugin } from "vite";
import type { Offer } from "../src/api/types";
import { ledger, trace, trialBalance, valuation } from "./answers.ts";
import * as house from "./house.ts";
import { newId } from "./random.ts";

type Json = Record<string, unknown>;
interface Ask {
  path: string;
  query: URLSearchParams;
  body: Json;
  raw: string;
  id: string;
  user: string | null;
}
type Answer = [status: number, body: unknown, headers?: Record<string, string | string[]>];

const CSP =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:";
const streams = new Set<ServerResponse>();

const error = (status: number, code: string, message: string): Answer => [
  status,
  { error: { code, message, request_id: newId() } },
];
const list = (data: unknown[]): Answer => [200, { data, next: null, has_more: false }];

function emit(offer: Offer, type = "OFFER_STATUS_CHANGED"): void {
  const event = {
    type,
    offer_id: offer.id,
    creator_id: offer.creator.id,
    status: offer.status,
    at: offer.updated_at,
    actor: "operator",
    data: {},
  };
  for (const stream of streams)
    stream.write(`id: ${house.nextPosition()}\nevent: ${type}\ndata: ${JSON.stringify(event)}\n\n`);
}

function later(offer: Offer, steps: [number, Offer["status"]][]): void {
  let wait = 0;
  for (const [ms, status] of steps) {
    wait += ms;
    setTimeout(() => {
      house.settle(offer, status);
      emit(offer);
    }, wait);
  }
}

function page(rows: Offer[], query: URLSearchParams): Answer {
  const sort = query.get("sort") ?? "-created_at";
  const statuses = query.get("status")?.split(",");
  const text = (query.get("text") ?? "").toLowerCase();
  const found = rows.filter(
    (each) =>
      (!statuses || statuses.includes(each.status)) &&
      (!query.get("creator_id") || each.creator.id === query.get("creator_id")) &&
      `${each.title} ${each.number} ${each.creator.display_name}`.toLowerCase().includes(text),
  );
  const value = (each: Offer) =>
    sort.endsWith("amount")
      ? Number(each.offered?.amount ?? 0)
      : sort === "title"
        ? each.title
        : sort.endsWith("updated_at")
          ? each.updated_at
          : each.created_at;
  found.sort((a, b) => (value(a) < value(b) ? -1 : 1) * (sort.startsWith("-") ? -1 : 1));
  const start = Number(query.get("cursor") ?? 0);
  const limit = Number(query.get("limit") ?? 50);
  const end = start + limit;
  return [200, { data: found.slice(start, end), next: String(end), has_more: end < found.length }];
}

function stats(): Answer {
  const by = new Map<string, Offer[]>();
  for (const each of house.offers) by.set(each.status, [...(by.get(each.status) ?? []), each]);
  const total = (rows: Offer[]) =>
    rows.reduce((sum, each) => sum + Number(each.offered?.amount ?? 0), 0);
  return [
    200,
    {
      total: house.offers.length,
      by_status: [...by].map(([status, rows]) => ({
        status,
        count: rows.length,
        offered: total(rows) ? [house.money(total(rows), "EUR")] : [],
      })),
    },
  ];
}

function upload({ query, raw }: Ask): Answer {
  const creator = house.creators.find((each) => each.id === query.get("creator_id"));
  const name = /filename="([^"]+)"/.exec(raw)?.[1] ?? "statement.tsv";
  if (!creator) return error(404, "creator_not_found", "There is no such creator.");
  if (/notes/.test(name))
    return [
      422,
      {
        error: {
          code: "statement_refused",
          message: "This file is no royalty statement.",
          details: { reasons: ["No column holds amounts", "No column holds months"] },
          request_id: newId(),
        },
      },
    ];
  const statement = house.addStatement(creator, name, raw.length);
  statement.status = /label/.test(name) ? "needs_mapping" : "ready";
  if (statement.status === "needs_mapping") {
    Object.assign(statement, {
      format: "csv",
      format_name: "Unknown CSV",
      total: null,
      months: [],
      stores: [],
      period: null,
      currency: null,
    });
    statement.layout = {
      header: ["Sale date", "Title", "Shop", "Territory", "Qty", "Net"],
      sample: [
        ["2024-01-31", "Saltwater", "Spotify", "SE", "120", "0.412300"],
        ["2024-01-31", "Low Tide", "Deezer", "FR", "14", "0.051200"],
      ],
      suggested: {
        month: "Sale date",
        amount: "Net",
        title: "Title",
        decimal: "point",
        date_order: "ymd",
      },
    };
  } else {
    statement.warnings = [
      {
        line: 412,
        column: "Earnings",
        code: "bad_number",
        message: '"n/a" is no number; the row was left out.',
      },
    ];
    statement.warnings_total = 1;
  }
  return [201, statement];
}

function createOffer({ body }: Ask): Answer {
  const creator = house.creators.find((each) => each.id === body.creator_id);
  if (!creator) return error(404, "creator_not_found", "There is no such creator.");
  const offer = house.addOffer(creator, body as Partial<Offer>);
  emit(offer, "OFFER_CREATED");
  later(offer, [
    [300, "VALUATING"],
    [700, "OFFER_READY"],
  ]);
  return [201, offer];
}

function act({ id, path }: Ask): Answer {
  const offer = house.offers.find((each) => each.id === id);
  if (!offer) return error(404, "offer_not_found", "There is no such offer.");
  const action = path.split("/").at(-1);
  if (action === "request-payout") {
    house.settle(offer, "PAYOUT_REQUESTED");
    later(offer, [
      [600, "PAYOUT_PENDING"],
      [1200, "PAID_OUT"],
      [300, "CLOSED"],
    ]);
    emit(offer);
    return [202, house.payouts.find((each) => each.offer_id === id)];
  }
  if (action === "value")
    later(offer, [
      [10, "VALUATING"],
      [800, "OFFER_READY"],
    ]);
  else
    house.settle(
      offer,
      action === "accept" ? "ACCEPTED" : action === "decline" ? "DECLINED" : "WITHDRAWN",
    );
  emit(offer, action === "accept" ? "OFFER_ACCEPTED" : "OFFER_STATUS_CHANGED");
  return [200, offer];
}

const LOGINS = ["admin", "operator", "underwriter", "treasurer", "viewer"];
const SAMPLES = [
  ["distrokid-2024.tsv", "DistroKid, two years, 18,000 rows"],
  ["label-statement.csv", "A label's own layout: asks which column is which"],
  ["notes.txt", "No statement at all: see it refused"],
];
const demo: Answer = [
  200,
  {
    enabled: true,
    today: "2026-11-21",
    logins: LOGINS.map((role) => ({
      username: role,
      password: "demo",
      role,
      description: {
        admin: "Everything, and the sandbox bank",
        operator: "Creators, statements, offers",
        underwriter: "Valuations and offered amounts",
        treasurer: "Payouts and the ledger",
        viewer: "Looks, changes nothing",
      }[role],
    })),
    samples: SAMPLES.map(([name, description]) => ({
      name,
      description,
      url: `/api/v1/demo/samples/${name}`,
      creator_hint: null,
    })),
  },
];

const one = <T extends { id: string }>(rows: T[], id: string): Answer => {
  const found = rows.find((each) => each.id === id);
  return found ? [200, found] : error(404, "not_found", "There is nothing with this id.");
};
const offerOf = (id: string) => house.offers.find((each) => each.id === id);

const ROUTES: [method: string, pattern: RegExp, run: (ask: Ask) => Answer][] = [
  [
    "POST",
    /^\/auth\/login$/,
    ({ body }) =>
      body.password === "demo"
        ? [200, {}, { "Set-Cookie": [`kontor_csrf=${String(body.username)}; Path=/`] }]
        : error(401, "invalid_credentials", "Username or password is wrong."),
  ],
  [
    "POST",
    /^\/auth\/refresh$/,
    ({ user }) => (user ? [200, {}] : error(401, "unauthenticated", "Log in first.")),
  ],
  [
    "POST",
    /^\/auth\/logout$/,
    () => [200, {}, { "Set-Cookie": ["kontor_csrf=; Path=/; Max-Age=0"] }],
  ],
  [
    "GET",
    /^\/auth\/me$/,
    ({ user }) =>
      user
        ? [200, { id: newId(), username: user, display_name: "Astrid Holm", roles: [user] }]
        : error(401, "unauthenticated", "Log in first."),
  ],
  ["GET", /^\/demo$/, () => demo],
  [
    "GET",
    /^\/offers\/creators$/,
    ({ query }) =>
      list(
        house.creators
          .filter((each) =>
            each.display_name.toLowerCase().includes((query.get("text") ?? "").toLowerCase()),
          )
          .slice(0, 50),
      ),
  ],
  [
    "POST",
    /^\/offers\/creators$/,
    ({ body }) => {
      const creator = Object.assign(house.addCreator(1), body, { recipient: null });
      return [201, creator];
    },
  ],
  [
    "POST",
    /^\/offers\/creators\/([^/]+)\/recipients$/,
    ({ id, body }) => {
      const creator = house.creators.find((each) => each.id === id);
      if (!creator) return error(404, "creator_not_found", "There is no such creator.");
      creator.recipient = {
        id: newId(),
        holder_name: String(body.holder_name),
        account_masked: `•••• ${String(body.account).slice(-4)}`,
      };
      return [201, creator.recipient];
    },
  ],
  ["GET", /^\/offers\/creators\/([^/]+)$/, ({ id }) => one(house.creators, id)],
  ["POST", /^\/statements$/, upload],
  [
    "GET",
    /^\/statements$/,
    ({ query }) =>
      list(house.statements.filter((each) => each.creator_id === query.get("creator_id"))),
  ],
  [
    "PUT",
    /^\/statements\/([^/]+)\/mapping$/,
    ({ id, body }) => {
      const statement = house.statements.find((each) => each.id === id);
      if (!statement) return error(404, "not_found", "There is no such statement.");
      const list = house.months(18, 900);
      Object.assign(statement, {
        status: "ready",
        months: list,
        currency: body.currency,
        total: { amount: "14210.553120", currency: body.currency },
        period: { from: list[0]?.month, to: list.at(-1)?.month },
      });
      return [200, statement];
    },
  ],
  [
    "POST",
    /^\/statements\/([^/]+)\/confirm$/,
    ({ id }) => {
      const found = house.statements.find((each) => each.id === id);
      if (found) found.status = "confirmed";
      return [200, found];
    },
  ],
  ["GET", /^\/offers$/, ({ query }) => page([...house.offers], query)],
  ["POST", /^\/offers$/, createOffer],
  ["GET", /^\/offers\/stats$/, stats],
  ["GET", /^\/offers\/([^/]+)$/, ({ id }) => one(house.offers, id)],
  [
    "GET",
    /^\/offers\/([^/]+)\/valuation$/,
    ({ id }) => {
      const offer = offerOf(id);
      return offer ? [200, valuation(offer)] : error(404, "not_found", "No valuation.");
    },
  ],
  [
    "GET",
    /^\/offers\/([^/]+)\/timeline$/,
    ({ id }) => [200, { data: house.timelines.get(id) ?? [] }],
  ],
  ["GET", /^\/offers\/([^/]+)\/trace$/, ({ query }) => [200, trace(query.get("figure") ?? "ltm")]],
  ["POST", /^\/offers\/([^/]+)\/[a-z-]+$/, act],
  [
    "GET",
    /^\/payouts$/,
    ({ query }) => list(house.payouts.filter((each) => each.offer_id === query.get("offer_id"))),
  ],
  ["GET", /^\/sandbox-bank$/, () => [200, house.sandbox]],
  ["PUT", /^\/sandbox-bank$/, ({ body }) => [200, Object.assign(house.sandbox, body)]],
  ["GET", /^\/ledger\/accounts$/, () => list(ledger().accounts)],
  ["GET", /^\/ledger\/accounts\/([^/]+)$/, ({ id }) => one(ledger().accounts, id)],
  [
    "GET",
    /^\/ledger\/transfers$/,
    ({ query }) =>
      list(
        ledger().transfers.filter(
          (each) =>
            !query.get("account_id") ||
            [each.debit_account.id, each.credit_account.id].includes(query.get("account_id") ?? ""),
        ),
      ),
  ],
  ["GET", /^\/ledger\/transfers\/([^/]+)$/, ({ id }) => one(ledger().transfers, id)],
  ["GET", /^\/ledger\/trial-balance$/, () => [200, trialBalance()]],
];

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://mock");
  const path = url.pathname.replace(/\/$/, "");
  if (path === "/offers/events/deals") return stream(request, response);
  if (/documents\/(termsheet|receipt)$/.test(path)) {
    response.writeHead(200, { "Content-Type": "application/pdf" }).end("%PDF-1.7\n");
    return;
  }
  if (path.startsWith("/demo/samples/")) {
    response.end("month\ttitle\tamount\n2024-01\tSaltwater\t12.30\n".repeat(500));
    return;
  }
  let raw = "";
  for await (const chunk of request) raw += String(chunk);
  const json = request.headers["content-type"]?.includes("json")
    ? (JSON.parse(raw || "{}") as Json)
    : {};
  const found = ROUTES.find(([method, pattern]) => method === request.method && pattern.test(path));
  const id = found?.[1].exec(path)?.[1] ?? "";
  const user = /kontor_csrf=(\w+)/.exec(request.headers.cookie ?? "")?.[1] ?? null;
  const [status, body, headers] = found
    ? found[2]({ path, query: url.searchParams, body: json, raw, id, user })
    : error(404, "not_found", "There is no such route.");
  response.writeHead(status, {
    "Content-Type": "application/json",
    "X-Request-ID": newId(),
    ...headers,
  });
  response.end(JSON.stringify(body));
}

function stream(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" });
  response.write(": hello\n\n");
  streams.add(response);
  request.on("close", () => streams.delete(response));
}

type Use = (
  path: string,
  run: (request: IncomingMessage, response: ServerResponse, next?: () => void) => void,
) => unknown;

function install(use: Use): void {
  if (house.offers.length === 0) house.fill();
  use("/", (_, response, next) => {
    if (process.env.KONTOR_CSP !== "0") response.setHeader("Content-Security-Policy", CSP);
    next?.();
  });
  use("/api/v1", (request, response) => void handle(request, response));
}

export function mockApi(): Plugin {
  return {
    name: "kontor-mock-api",
    configureServer: ({ middlewares }) => install((path, run) => middlewares.use(path, run)),
    configurePreviewServer: ({ middlewares }) => install((path, run) => middlewares.use(path, run)),
  };
}
