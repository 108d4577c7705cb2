/**
 * What sign-in costs, in three parts. A request: processor time of this process, without a client's (`inject`), for the same
 * questions to a gateway without sign-in, and to one with sign-in by a person, by a person who sees a part of the plant, and by a
 * token. A thousand displays that connect at once, without tokens and each with its own: the time until the last has its picture,
 * and this process' processor time (displays are another process). The websocket of an ended session: how long it lives at another
 * gateway. The cases take turns, so that a busy machine affects all alike.
 *
 *   npx tsx -C @oee/source benchmarks/access.ts
 */
import { fork } from "node:child_process";
import { loadavg, tmpdir } from "node:os";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { openStore } from "@oee/store";
import { FILLER, liveRecord } from "../services/gateway/test/gateway-fixture.ts";
import { startGateway } from "../services/gateway/test/gateway-fixture.ts";
import { io } from "socket.io-client";
import { signedOn, startSigned } from "../services/gateway/test/signed-in.ts";
import type { ConnectMessage } from "./displays.ts";

const ROUNDS = 150;
const REQUESTS = 100;
const DISPLAYS = 1_000;
const DISPLAY_ROUNDS = 7;
const ENDED_ROUNDS = 11;
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

// The gateway without sign-in gets the same cookie and ignores it.
const cookie = await signed.cookieOf("root");
const askers = [
  { name: "open", app: open.app, headers: { cookie } },
  { name: "person", app: signed.app, headers: { cookie } },
  { name: "person of a part", app: signed.app, headers: { cookie: await signed.cookieOf("part") } },
  { name: "token", app: signed.app, headers: { authorization: `Bearer ${made.token}` } },
].map((asker) => ({ ...asker, us: [] as number[] }));
const url = `/api/v1/live?scope=${FILLER}`;
for (let round = -5; round < ROUNDS; round++) {
  // The first case of a round pays for cold caches, so another one begins in each round.
  const order = [...askers, ...askers].slice(Math.abs(round) % askers.length).slice(0, askers.length);
  for (const { name, app, headers, us } of order) {
    const before = process.cpuUsage();
    for (let i = 0; i < REQUESTS; i++) {
      const { statusCode } = await app.inject({ url, headers });
      if (statusCode !== 200) throw new Error(`${name} was answered ${statusCode}`);
    }
    const { user, system } = process.cpuUsage(before);
    if (round >= 0) us.push((user + system) / REQUESTS);
  }
}
const medianOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
/** The 10th percentile over rounds, since other work of the machine only adds time. */
const quickestOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 10)] ?? 0;
const base = askers[0]?.us ?? [];
const percent = (ratio: number): string => `${((ratio - 1) * 100).toFixed(1)} %`;
for (const { name, us } of askers) {
  // Within a round all cases meet the same load, between rounds they do not.
  const more = percent(medianOf(us.map((value, round) => value / (base[round] ?? NaN))));
  const quickest = `${quickestOf(us).toFixed(1)} µs (${percent(quickestOf(us) / quickestOf(base))})`;
  process.stdout.write(
    `${name.padEnd(16)} CPU a request: median ${medianOf(us).toFixed(1)} µs (${more} more than open in the same round), quickest tenth ${quickest}\n`,
  );
}

const tokens: string[] = [];
for (let i = 0; i < DISPLAYS; i++) {
  const wanted = JSON.stringify({ name: `display ${i}`, scopes: ["berlin"], may: ["wall"] });
  const answer = await signed.as("root", "/api/v1/tokens", { method: "POST", body: wanted });
  tokens.push(((await answer.json()) as { readonly token: string }).token);
}
const displays = fork(new URL("./displays.ts", import.meta.url));
const connectAll = (message: ConnectMessage): Promise<number> =>
  new Promise((resolve, reject) => {
    displays.removeAllListeners();
    displays.once("message", (tookMs) => resolve(Number(tookMs)));
    displays.once("exit", (code) => reject(new Error(`the displays ended with ${code}`)));
    displays.send(message);
  });
const came: Record<string, { readonly ms: number[]; readonly cpuMs: number[] }> = {
  "without tokens": { ms: [], cpuMs: [] },
  "with tokens": { ms: [], cpuMs: [] },
};
const gone = async (gatewayUrl: string, headers: Readonly<Record<string, string>>): Promise<void> => {
  for (;;) {
    const text = await (await fetch(`${gatewayUrl}/metrics`, { headers })).text();
    if (/^oee_gateway_live_clients 0$/m.test(text)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
for (let round = 0; round <= DISPLAY_ROUNDS; round++) {
  for (const [name, gateway, own] of [
    ["without tokens", open, []],
    ["with tokens", signed, tokens],
  ] as const) {
    const before = process.cpuUsage();
    const ms = await connectAll({ url: gateway.url, scope: FILLER, tokens: own, displays: DISPLAYS });
    const { user, system } = process.cpuUsage(before);
    await gone(gateway.url, { cookie });
    // The first round warms up.
    if (round === 0) continue;
    came[name]?.ms.push(ms);
    came[name]?.cpuMs.push((user + system) / 1_000);
  }
}
displays.removeAllListeners();
displays.kill();
for (const [name, { ms, cpuMs }] of Object.entries(came)) {
  process.stdout.write(
    `${DISPLAYS} displays ${name.padEnd(15)} ${medianOf(ms).toFixed(0)} ms until the last has its picture (${Math.min(...ms).toFixed(0)} to ${Math.max(...ms).toFixed(0)}), ${medianOf(cpuMs).toFixed(0)} ms of the gateway's CPU\n`,
  );
}

const second = signedOn(
  await startGateway(store, { limits: LIMITS, log: signed.log, access: { users: () => signed.users } }),
  signed.users,
);
const lived: number[] = [];
const part = signed.users.get("part")?.id ?? "";
for (let round = 0; round < ENDED_ROUNDS; round++) {
  // A new session, as the round before has ended its own.
  const fresh = signedOn({ ...signed }, signed.users);
  const session = await fresh.cookieOf("part");
  const socket = io(`${second.url}/live`, {
    transports: ["websocket"],
    forceNew: true,
    extraHeaders: { cookie: session },
  });
  await new Promise((resolve) => socket.on("connect", () => resolve(null)));
  const over = new Promise((resolve) => socket.on("disconnect", () => resolve(null)));
  const begun = performance.now();
  await signed.as("root", `/api/v1/people/${part}/sessions`, { method: "DELETE" });
  await over;
  lived.push(performance.now() - begun);
  socket.disconnect();
}
process.stdout.write(
  `a websocket at another gateway lives ${medianOf(lived).toFixed(0)} ms after its session is ended (at most ${Math.max(...lived).toFixed(0)})\n`,
);
process.stdout.write(`load average ${loadavg()[0]?.toFixed(1)}\n`);
await second.app.close();
await open.close();
await signed.close();
await store.close();
await rm(path, { recursive: true, force: true });
process.exit(0);
