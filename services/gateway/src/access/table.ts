/**
 * The table of who may do what: a row for every HTTP route and for the live channel, hence also for every command that
 * works over HTTP. A gateway with a route that has no row does not start. docs/access.md prints the table; tests
 * compare the page with it, and try each row with every role, in and out of scope.
 */
import type { Power, Role } from "./roles.ts";

/** How a caller's scopes bound what a route answers or changes. */
export type Reach =
  /** Only what lies in the caller's scopes appears, or is changed: the route gets a plant that has no other scope. */
  | "scopes"
  /** The route concerns no scope; the role may be held for any. */
  | "any"
  /** The role has to be held for the whole plant (`*`). */
  | "plant";

export interface Row {
  /** The role that is needed; `null`: none, nor a sign-in. */
  readonly role: Role | null;
  /** The powers of a token of which one is enough in place of the role; empty: no token is accepted. */
  readonly tokens: readonly Power[];
  readonly reach: Reach;
  /** What the route lets its caller do, for docs/access.md and error texts. */
  readonly does: string;
  /** Whether the route changes anything; a read-only gateway refuses it then. */
  readonly changes: boolean;
  /** Whether the route is refused while the audit cannot be written. A DELETE is done all the same, for it takes access away. */
  readonly audited: boolean;
  /** Whether pages request it by themselves, again and again, so that a request does not show that a person is active. */
  readonly byItself: boolean;
}

type Kept = Omit<Row, "changes" | "audited" | "byItself">;

const row = (role: Role | null, tokens: readonly Power[], reach: Reach, does: string): Kept => ({
  role,
  tokens,
  reach,
  does,
});

const sees = (does: string): Kept => row("viewer", ["read"], "scopes", does);
const shows = (does: string): Kept => row("viewer", ["read", "wall"], "scopes", does);
const open = (does: string): Kept => row(null, [], "any", does);

const API = "/api/v1";

const ROWS: Readonly<Record<string, Kept>> = {
  "GET /health/live": open("whether the process answers"),
  "GET /health/ready": open("whether it is ready; what stands in the way only for those who see the whole plant"),
  [`GET ${API}/health/live`]: open("as above"),
  [`GET ${API}/health/ready`]: open("as above"),
  "GET /metrics": row("engineer", ["read"], "plant", "metrics for Prometheus"),
  [`GET ${API}/metrics`]: row("engineer", ["read"], "plant", "as above"),
  "GET /connections": row(
    "engineer",
    ["read"],
    "plant",
    "what the connectors of this process hear (`oee start --connections`)",
  ),
  "POST /ingest/*": row(
    "engineer",
    ["events:write"],
    "scopes",
    "send documents to a connection of this process, whose machines are all in scope (`oee start --connections`)",
  ),

  "GET /": open("leads to the wall"),
  "GET /wall": shows("the wall"),
  "GET /wall/*": shows("the wall of a scope"),
  "GET /review": sees("the desk"),
  "GET /review/*": sees("a view of the desk"),
  "GET /reasons": sees("the tablet beside the line"),
  "GET /reasons/*": sees("the tablet of a scope"),
  "GET /reasons-worker.js": open("lets the tablet's page open without network"),
  "GET /assets/*": open("scripts, styles and fonts of the pages"),
  "GET /api/docs": row("viewer", ["read"], "any", "the description of this API"),

  [`GET ${API}/plant`]: shows("scopes, windows, reasons"),
  [`GET ${API}/live`]: shows("the live picture"),
  [`GET ${API}/latency`]: row("viewer", ["read", "wall"], "any", "how long events take to the screens"),
  [`GET ${API}/kpis`]: shows("KPIs of scopes and periods"),
  [`GET ${API}/losses`]: sees("losses of scopes and periods"),
  [`GET ${API}/pareto`]: sees("what stops come to"),
  [`GET ${API}/stops`]: sees("stops"),
  [`GET ${API}/reasons/missing`]: shows("stops that need a reason"),

  [`GET ${API}/events`]: sees("events as they came, of a machine and a period"),
  [`POST ${API}/events`]: row("engineer", ["events:write"], "scopes", "send events of machines (`oee import --url`)"),
  [`POST ${API}/corrections`]: row(
    "operator",
    [],
    "scopes",
    "give a reason and a note, and take them back; `state`, and `clear` of a state, need `supervisor`",
  ),
  [`GET ${API}/corrections/:id`]: sees("wait for a correction's effect"),

  [`POST ${API}/entries`]: row(
    "supervisor",
    [],
    "scopes",
    "actions, pilots, acknowledgements, targets, baselines, reviews (`oee entry`)",
  ),
  [`GET ${API}/entries`]: sees("entries of the review"),
  [`GET ${API}/closings`]: sees("closed time, and what came after it was closed"),
  [`GET ${API}/baselines`]: sees("baselines"),
  [`POST ${API}/baselines/preview`]: sees("what a baseline would come to; nothing is kept"),
  [`GET ${API}/targets`]: sees("targets"),
  [`GET ${API}/pilots/:id`]: sees("a pilot"),
  [`GET ${API}/actions`]: sees("actions"),
  [`GET ${API}/actions/:id`]: sees("an action"),
  [`GET ${API}/review`]: sees("the review of a period"),
  [`GET ${API}/changes`]: sees("where a change came from"),
  [`GET ${API}/scorecard`]: sees("how far numbers can be trusted"),
  [`GET ${API}/assets`]: sees("which machines are heard of"),
  [`GET ${API}/benchmark`]: sees("machines of a class ranked"),
  [`POST ${API}/reviews`]: row("supervisor", [], "scopes", "present a review"),
  [`POST ${API}/reviews/:id/sign-offs`]: row("supervisor", [], "scopes", "sign a review off"),
  [`GET ${API}/reviews/:id`]: sees("a review as it was presented"),
  [`GET ${API}/reviews/:id/differences`]: sees("what differs since"),
  [`GET ${API}/alerts`]: shows("alerts"),
  [`GET ${API}/alert-rules`]: sees("alert rules and how often they were met"),
  [`GET ${API}/alerts/:ticket`]: sees("an alert"),
  [`POST ${API}/alerts/:ticket/acknowledgements`]: row("operator", [], "scopes", "acknowledge an alert"),
  "GET /sign-in": open("the page to sign in"),
  "GET /pair": open("the page on which a display shows its code"),
  "GET /sign-in/provider": open("leads to the provider"),
  "GET /sign-in/callback": open("where the provider leads back to"),
  [`POST ${API}/session/provider-sign-outs`]: open("the provider tells, signed, that somebody signed out there"),
  [`GET ${API}/session`]: open("who asks"),
  [`POST ${API}/session`]: open("sign in with a password (`oee token`, `oee session`)"),
  [`DELETE ${API}/session`]: open("sign out"),
  [`POST ${API}/session/password`]: row("viewer", [], "any", "change one's own password"),
  [`GET ${API}/session/second-factor`]: open("who is signed in with a password: the key of a new second factor"),
  [`POST ${API}/session/second-factor`]: open("who is signed in with a password: set it"),
  [`DELETE ${API}/session/notices/:id`]: open("who is signed in: a notice about their account was seen"),
  [`GET ${API}/session/others`]: row("viewer", [], "any", "one's own other sessions"),
  [`DELETE ${API}/session/others/:id`]: row("viewer", [], "any", "end one of them"),
  [`GET ${API}/sessions`]: row("admin", [], "plant", "sessions of people (`oee session list`)"),
  [`DELETE ${API}/sessions/:id`]: row("admin", [], "plant", "end one (`oee session end`)"),
  [`GET ${API}/people`]: row("admin", [], "plant", "names and their identifiers; told in the audit"),
  [`DELETE ${API}/people/:id`]: row("admin", [], "plant", "erase a name"),
  [`DELETE ${API}/people/:id/sessions`]: row("admin", [], "plant", "end all sessions of a person"),
  [`GET ${API}/tokens`]: row("admin", [], "scopes", "tokens (`oee token list`)"),
  [`POST ${API}/tokens`]: row("admin", [], "scopes", "make a token (`oee token create`)"),
  [`DELETE ${API}/tokens/:id`]: row("admin", [], "scopes", "revoke a token (`oee token revoke`)"),
  [`POST ${API}/displays/pairings`]: open("a display begins its pairing"),
  [`GET ${API}/displays/pairings/mine`]: open("a display asks after its own pairing"),
  [`POST ${API}/displays`]: row("admin", [], "scopes", "confirm a display (`oee token pair`)"),

  [`POST ${API}/exports`]: sees("tell the audit that a table of the desk, which names people, is taken away as CSV"),

  [`GET ${API}/audit`]: row("supervisor", [], "scopes", "what people changed in these scopes"),
};

/**
 * Routes whose method does not show whether they change something: POSTs that change nothing, and GETs that do: they begin a
 * session or add to the audit a line about personal data that were read.
 */
const UNLIKE_THEIR_METHOD = new Set([
  `POST ${API}/baselines/preview`,
  `POST ${API}/exports`,
  "GET /sign-in/callback",
  `GET ${API}/people`,
  `GET ${API}/audit`,
  `GET ${API}/displays/pairings/mine`,
]);

/** Routes that change something without a line in the audit: events of machines, and pairings that no administrator has confirmed yet. */
const NOT_AUDITED = new Set([`POST ${API}/events`, "POST /ingest/*", `POST ${API}/displays/pairings`]);

/** Routes that pages request again and again while they are open. */
const BY_THEMSELVES = new Set([
  "GET /health/ready",
  `GET ${API}/health/ready`,
  `GET ${API}/latency`,
  `GET ${API}/live`,
  `GET ${API}/plant`,
  `GET ${API}/reasons/missing`,
  `GET ${API}/session`,
]);

/** The rows by `METHOD /address` as the routes are declared; `HEAD` has the row of `GET`. */
export const ROUTES: Readonly<Record<string, Row>> = Object.fromEntries(
  Object.entries(ROWS).map(([route, kept]) => {
    const changes = !route.startsWith("GET ") !== UNLIKE_THEIR_METHOD.has(route);
    const audited = changes && !route.startsWith("DELETE ") && !NOT_AUDITED.has(route);
    return [route, { ...kept, changes, audited, byItself: BY_THEMSELVES.has(route) }];
  }),
);

/** The row of the live channel, the namespace `/live` of socket.io. */
export const SUBSCRIPTIONS: Readonly<Record<string, Kept>> = {
  "SUBSCRIBE /live": shows("the live picture of scopes, as it changes"),
};

/** Addresses whose row holds for all addresses below them. */
const TREES = ["/api/docs"];

/** The row of a route; throws where the table has none, so that a route without a row cannot be served. */
export function rowOf(method: string, url: string): Row {
  const tree = TREES.find((root) => url.startsWith(`${root}/`));
  const key = `${method === "HEAD" ? "GET" : method} ${tree ?? url}`;
  const found = ROUTES[key];
  if (found === undefined) throw new Error(`services/gateway/src/access/table.ts has no row for ${key}`);
  return found;
}
