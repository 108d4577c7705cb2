/** Orders, states and products from a real PostgreSQL, with cases that a growing cursor, or the library's own types, would get wrong. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { until } from "../live/oee-process.ts";
import { freePort } from "../support/free-port.ts";
import { connectorOf, FILLER } from "./connector.ts";
import { Collected, postgres, temporaryFolder } from "./peers.ts";

const OEE = "services/oee/bin/oee.js";

const connectionsTo = (port: number): string => `
connections:
  erp:
    protocol: sql
    url: postgres://oee@127.0.0.1:${port}/postgres
    query: select * from orders order by starts, number;
    every: 100ms
    timeout: 5s
    timezone: Europe/Berlin
    machines:
      ${FILLER}:
        signals:
          product: { when: machine = 'filler', value: product, at: starts }
          order: { when: machine = 'filler', value: $string(number), at: starts }
          cycle: { when: machine = 'filler', value: cycle, at: starts }
          pieces: { when: machine = 'filler', value: pieces, at: starts }
          state: { when: machine = 'filler' and state, value: state, at: changed }
        state: state
        product: product
        order: order
        idealCycleSeconds: cycle
        piecesPerCount: pieces
`;

const TABLE = `create table orders (number bigint, machine text, product text, starts timestamp, cycle numeric(9, 3), pieces int,
  state text, changed timestamptz)`;

async function clientTo(port: number): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: `postgres://oee@127.0.0.1:${port}/postgres` });
  client.on("error", () => {});
  await client.connect();
  onTestFinished(() => client.end().catch(() => {}));
  return client;
}

const jobsOf = ({ events }: Collected): unknown[] =>
  events.filter(({ type }) => type === "job").map(({ id: _id, type: _type, machine: _machine, ...job }) => job);
const statesOf = ({ events }: Collected): unknown[] => events.flatMap(({ state, at }) => (state ? [[at, state]] : []));

test("orders: rows that are committed late, changed, planned or repeated; exact local times, 64-bit numbers and decimals", async () => {
  const folder = temporaryFolder();
  const port = await freePort();
  await postgres(folder, port);
  const [anna, ben] = [await clientTo(port), await clientTo(port)];
  await anna.query(TABLE);
  const insert = (client: pg.Client, ...values: readonly unknown[]): Promise<unknown> =>
    client.query("insert into orders values ($1, $2, $3, $4, $5, $6, $7, $8)", [...values]);
  // This order's transaction begins before and commits after the next one's: a query for numbers above the last one would miss it.
  await ben.query("begin");
  await insert(ben, 1, "filler", "tea", "2026-03-02 05:00", "1.200", null, null, null);
  await insert(anna, 2, "filler", "cola", "2026-03-02 06:00:00.1234", "0.125", 4, null, null);
  await insert(anna, 9_007_199_254_740_992n, "labeller", "other", "2026-03-02 06:00", null, null, null, null);
  const planned = new Date(Date.now() + 3_600_000).toISOString();
  await anna.query(
    `insert into orders values (3, 'filler', 'planned', '${planned}'::timestamptz at time zone 'Europe/Berlin')`,
  );
  const receiver = new Collected();
  const data = temporaryFolder();
  const { connector, told } = connectorOf(connectionsTo(port), { receiver, folder: data });
  await until("the committed order", () => jobsOf(receiver).length === 1 || undefined);
  await ben.query("commit");
  await until("the order that was committed late", () => jobsOf(receiver).length === 2 || undefined);
  expect(jobsOf(receiver)).toEqual([
    { at: "2026-03-02T05:00:00.123Z", product: "cola", order: "2", idealCycleSeconds: 0.125, piecesPerCount: 4 },
    // A null in this order's row is no value: it does not take that of the later order.
    { at: "2026-03-02T04:00:00.000Z", product: "tea", order: "1", idealCycleSeconds: 1.2 },
  ]);
  await anna.query("update orders set product = 'mate' where number = 2");
  await until("the changed order", () => jobsOf(receiver).length === 3 || undefined);
  expect(jobsOf(receiver)[2]).toMatchObject({ product: "mate", order: "2" });
  // The planned order begins.
  await anna.query("update orders set starts = '2026-03-02 07:00' where number = 3");
  await until("the planned order", () => jobsOf(receiver).length === 4 || undefined);
  // After a restart no event is sent again.
  await connector.close();
  connectorOf(connectionsTo(port), { receiver, folder: data });
  await insert(anna, 4, "filler", "last", "2026-03-02 08:00", null, null, null, null);
  await until("the last order", () => jobsOf(receiver).length === 5 || undefined);
  expect(jobsOf(receiver)[4]).toEqual({ at: "2026-03-02T07:00:00.000Z", product: "last", order: "4" });
  // A number of twenty digits has all of them, and the rows above, whose numbers are of this type now, are the same.
  await anna.query("alter table orders alter number type numeric(20)");
  await insert(anna, "12345678901234567890", "filler", "long", "2026-03-02 09:00", null, null, null, null);
  await until("the order of twenty digits", () => jobsOf(receiver).length === 6 || undefined);
  expect(jobsOf(receiver)[5]).toEqual({
    at: "2026-03-02T08:00:00.000Z",
    product: "long",
    order: "12345678901234567890",
  });
  expect(told.filter((line) => line.includes("cannot be used"))).toEqual([]);
});

test("a database that hangs, is killed and comes back: rows of the time between are read, and a state that did not change goes on", async () => {
  const folder = temporaryFolder();
  const port = await freePort();
  const database = await postgres(folder, port);
  const client = await clientTo(port);
  await client.query(TABLE);
  const state = (name: string, at: string): Promise<unknown> =>
    client.query("insert into orders (number, machine, state, changed) values (1, 'filler', $1, $2)", [name, at]);
  await state("running", "2026-03-02T05:00:00Z");
  const receiver = new Collected();
  connectorOf(connectionsTo(port), { receiver, folder: temporaryFolder() });
  await until("the first state", () => statesOf(receiver).length === 1 || undefined);
  database.freeze();
  await until("no answer", () => statesOf(receiver).length === 2 || undefined);
  database.thaw();
  await until("the state, which holds on", () => statesOf(receiver).length === 3 || undefined);
  expect(statesOf(receiver).map((pair) => (pair as readonly unknown[])[1])).toEqual(["running", "unknown", "running"]);
  await database.kill("SIGKILL");
  await until("nobody there", () => statesOf(receiver).length === 4 || undefined);
  await postgres(folder, port);
  await (await clientTo(port)).query("insert into orders values (2, 'filler', null, null, null, null, 'down', now())");
  await until("the news", () => statesOf(receiver).at(-1)?.toString().endsWith("down") || undefined);
});

test("products of a file and of a query are written into the plant file, whose comments stay; a plant file that would be invalid is not written", async () => {
  const folder = temporaryFolder();
  const port = await freePort();
  await postgres(folder, port);
  const client = await clientTo(port);
  await client.query("create table articles (number text, title text, cycle numeric, pieces bigint)");
  await client.query("insert into articles values ('cola-600', 'Cola 0.6 l', 1.25, 4), ('47', 'Water', 0.5, null)");
  const plant = join(folder, "plant.yaml");
  writeFileSync(
    plant,
    `# Our plant.
enterprise: acme
sites: { berlin: { areas: { packing: { lines: { l1: { machines: { filler: { idealCycleSeconds: 1 } } } } } } } }
products:
  cola-600: { idealCycleSeconds: 1.2, taktSeconds: 2 } # agreed with Ben
`,
  );
  const products = (...more: readonly string[]): string =>
    execFileSync(OEE, ["connect", "products", "--plant", plant, ...more], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  const sql = [
    ...["--sql", `postgres://oee@127.0.0.1:${port}/postgres`, "--query"],
    'select number as id, title as name, cycle as "idealCycleSeconds", pieces as "piecesPerCount" from articles;',
  ];
  expect(products(...sql, "--dry-run")).toContain("2 products, 1 added, 1 changed");
  expect(readFileSync(plant, "utf8")).not.toContain("Water");
  expect(products(...sql)).toContain("2 products, 1 added, 1 changed");
  expect(products(...sql)).toContain("2 products, 0 added, 0 changed");
  const csv = join(folder, "products.csv");
  writeFileSync(csv, "Artikel;Bezeichnung;Takt\ntea;Tee;1,5\n47;;\n");
  expect(products(csv, "--columns", "id=Artikel,name=Bezeichnung,idealCycleSeconds=Takt")).toContain(
    "1 added, 0 changed",
  );
  const twice = `select number as id, cycle as "idealCycleSeconds", pieces as "idealCycleSeconds" from articles`;
  const why = /row 1: columns 2 and 3 are all named "idealCycleSeconds"/;
  expect(() => products(...sql.slice(0, -1), twice)).toThrow(why);
  writeFileSync(csv, "id;idealCycleSeconds;idealCycleSeconds\ntea;2;3\n");
  expect(() => products(csv)).toThrow(why);
  expect(readFileSync(plant, "utf8")).toBe(`# Our plant.
enterprise: acme
sites: { berlin: { areas: { packing: { lines: { l1: { machines: { filler: { idealCycleSeconds: 1 } } } } } } } }
products:
  cola-600: { idealCycleSeconds: 1.25, taktSeconds: 2, name: Cola 0.6 l, piecesPerCount: 4 } # agreed with Ben
  "47":
    name: Water
    idealCycleSeconds: 0.5
  tea:
    name: Tee
    idealCycleSeconds: 1.5
`);
  writeFileSync(csv, "id,idealCycleSeconds\ntea,fast\n");
  expect(() => products(csv)).toThrow(/left as it was:\n.*expected a number of seconds above 0/s);
  expect(readFileSync(plant, "utf8")).toContain("idealCycleSeconds: 1.5");
});

test("a second statement behind the query is refused, and not run", async () => {
  const port = await freePort();
  await postgres(temporaryFolder(), port);
  const client = await clientTo(port);
  await client.query("create table orders (number int)");
  const text = connectionsTo(port).replace(/query: .*/, "query: select 1 as n; commit; insert into orders values (1)");
  const { told } = connectorOf(text, { receiver: new Collected(), folder: temporaryFolder() });
  const refused = (line: string): boolean => line.includes("cannot insert multiple commands into a prepared statement");
  await until("a refusal", () => told.some(refused) || undefined);
  expect((await client.query("select * from orders")).rows).toEqual([]);
});
