/**
 * Plays seconds of ten machines through a connector as fast as it takes them, by a clock of its own, and prints the memory in use after
 * garbage collection at each eighth: `node --expose-gc --import tsx -C @oee/source week.fixture.ts SECONDS`. Each machine sends totals
 * each second, a state each minute, a new order each half hour, and a value that cannot be used each ten minutes.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Connector, parseConnections } from "../../services/connectors/src/index.ts";

const SECONDS = Number(process.argv[2]);
/** Seconds that are played between two waits for a write and a delivery, so that memory that these hold is measured too. */
const BATCH = 10;
const FROM = Date.UTC(2026, 2, 2, 5);
const MACHINES = Array.from({ length: 10 }, (_, i) => `berlin/packing/l1/m${i}`);

const mapping = (i: number): string =>
  `{ signals: { ${["state", "good", "scrap", "product", "order"]
    .map((name) => `${name}: { when: $exists(${name}${i}), value: ${name}${i}, at: at }`)
    .join(", ")} }, state: state, totals: { good: good, scrap: scrap }, product: product, order: order }`;
const machines = MACHINES.map((machine, i) => `${machine}: ${mapping(i)}`).join(", ");
const result = parseConnections(`connections: { peer: { protocol: http, machines: { ${machines} } } }`, "c", null, {});
if (!result.ok) throw new Error(JSON.stringify(result.problems));

const folder = mkdtempSync(join(tmpdir(), "oee-connect-week-"));
let now = FROM;
const connector = new Connector({
  connections: result.connections,
  receiver: { deliver: () => Promise.resolve([]) },
  folder,
  outboxBytesMax: 1 << 28,
  clock: () => now,
  log: () => {},
});

function documentsOf(second: number): readonly object[] {
  const at = FROM + 1000 * second;
  const entries = MACHINES.flatMap((_, i): (readonly [string, unknown])[] => [
    [`good${i}`, second],
    [`scrap${i}`, second >> 3],
    ...(second % 60 === 0 ? [[`state${i}`, `state ${(second / 60) % 7}`] as const] : []),
    ...(second % 1800 === 0
      ? [[`order${i}`, `order ${i} ${second}`] as const, [`product${i}`, `product ${second % 11}`] as const]
      : []),
  ]);
  const broken = second % 600 === 0 ? [{ at: "no instant", good0: second }] : [];
  return [{ at, ...Object.fromEntries(entries) }, ...broken];
}

const used = (): number => {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

const bytes: number[] = [];
for (let second = 0, eighth = 1; second < SECONDS; second += BATCH) {
  now = FROM + 1000 * second;
  const documents = Array.from({ length: BATCH }, (_, i) => documentsOf(second + i)).flat();
  const received = await connector.receive("peer", documents, { token: null, admitted: false });
  if (received?.kind !== "taken") throw new Error(JSON.stringify(received));
  if (second + BATCH >= (eighth * SECONDS) / 8) {
    while (connector.status().waiting.events > 0) await new Promise((resolve) => setTimeout(resolve, 50));
    bytes.push(used());
    eighth++;
  }
}
const { connections, delivered } = connector.status();
await connector.close();
rmSync(folder, { recursive: true, force: true });
process.stdout.write(`${JSON.stringify({ bytes, delivered, refused: connections[0]?.refused })}\n`);
