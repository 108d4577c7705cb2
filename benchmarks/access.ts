/**
 * What sign-in costs a request: the same questions to an open gateway, and to one that asks a person, a person who sees a part, and a
 * token. CPU of this process, client aside (`inject`); rounds take turns, so that a busy machine bears on all alike.
 *
 *   npm run bench benchmarks/access.ts
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "@oee/store";
import { FILLER, liveRecord } from "../services/gateway/test/gateway-fixture.ts";
import { startGateway } from "../services/gateway/test/gateway-fixture.ts";
import { startSigned } from "../services/gateway/test/signed-in.ts";

const ROUNDS = 12;
const REQUESTS = 1_000;
const LIMITS = { requestsPerMinute: 1e9, postsPerMinute: 1e9 };

const path = await mkdtemp(join(tmpdir(), "oee-access-bench-"));
const store = await openStore({ embedded: { path } });
await store.migrate();
const open = await startGateway(store, { limits: LIMITS });
const signed = await startSigned(store, { root: ["admin"], part: ["viewer@berlin/packing/l1"] }, { limits: LIMITS });
for (const { live, now } of [open, signed]) live.publish(liveRecord(FILLER, now));
const body = JSON.stringify({ name: "bench", scopes: ["berlin"], may: ["read"] });
const made = (await (await signed.as("root", "/api/v1/tokens", { method: "POST", body })).json()) as {
  readonly token: string;
};

const askers = {
  open: { app: open.app, headers: {} },
  person: { app: signed.app, headers: { cookie: await signed.cookieOf("root") } },
  "person of a part": { app: signed.app, headers: { cookie: await signed.cookieOf("part") } },
  token: { app: signed.app, headers: { authorization: `Bearer ${made.token}` } },
};
const url = `/api/v1/live?scope=${FILLER}`;
const cpu = new Map<string, number[]>(Object.keys(askers).map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, { app, headers }] of Object.entries(askers)) {
    const before = process.cpuUsage();
    for (let i = 0; i < REQUESTS; i++) {
      const { statusCode } = await app.inject({ url, headers });
      if (statusCode !== 200) throw new Error(`${name} was answered ${statusCode}`);
    }
    const { user, system } = process.cpuUsage(before);
    cpu.get(name)?.push((user + system) / REQUESTS);
  }
}
const medianOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const base = medianOf(cpu.get("open") ?? []);
for (const [name, values] of cpu) {
  const median = medianOf(values);
  process.stdout.write(
    `${name.padEnd(18)} ${median.toFixed(1)} µs of CPU a request, ${((median / base - 1) * 100).toFixed(1)} %\n`,
  );
}
await open.close();
await signed.close();
await store.close();
await rm(path, { recursive: true, force: true });
process.exit(0);
