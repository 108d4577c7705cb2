/**
 * The review and its keeper with a worker and two gateways on a real Kafka, and ClickHouse over HTTP. Entries have one order
 * whichever gateway takes them, a presented review is the same at both, an alert gives one message, an acknowledgement at one
 * gateway is shown by the other, and when the gateway on duty is killed the other looks for alerts. `oee verify` then finds no
 * difference between the store and the topics.
 */
import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { getJson, post, postLines, runOee, type Served, until } from "./oee-process.ts";
import { onKafka } from "./on-kafka.ts";
import { saidBy } from "../support/sign-in.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const [FILLER, LABELLER] = ["berlin/packing/l1/filler", "berlin/packing/l1/labeller"];
const PLANT = `enterprise: acme
timezone: UTC
staleAfter: 2d
sites:
  berlin:
    areas:
      packing:
        lines:
          l1:
            machines:
              filler: { idealCycleSeconds: 1, minorStopThreshold: 2m, costPerHour: 100 }
              labeller: { idealCycleSeconds: 1, minorStopThreshold: 2m }
currency: EUR
reasons: { mechanical: { failure: true } }
roles: [fitter]
owners: [{ accountable: fitter, responsible: [fitter] }]
chains: { stop: [{ after: 0, to: responsible }] }
alerts: [{ id: long, kind: stop, for: 5m, chain: stop }]
`;

const kafka = onKafka();
const { folder } = kafka;
let hook: Server | null = null;
/** Tickets of the messages that came. */
const messages: string[] = [];

beforeAll(async () => {
  hook = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (piece: string) => (text += piece));
    request.on("end", () => {
      messages.push((JSON.parse(text) as { alert: { ticket: string } }).alert.ticket);
      response.end();
    });
  });
  await new Promise<void>((resolve) => hook?.listen(0, "127.0.0.1", resolve));
});

afterAll(() => void hook?.close());

interface AlertAnswer {
  readonly ticket: string;
  readonly state: string;
  readonly messages: readonly { readonly state: string }[];
}

test("RE-1, RV-3, AL-4: entries, a presented review and alerts of two gateways on Kafka, one of which is killed", async () => {
  if (hook === null) throw new Error("no receiver");
  const now = Date.now();
  // The history ends four hours ago; the day before its end is whole, at whatever hour the test runs.
  const today = now - 4 * HOUR - ((now - 4 * HOUR) % DAY);
  const yesterday = new Date(today - DAY).toISOString().slice(0, 10);
  const { port } = hook.address() as AddressInfo;
  const files = { plant: folder.path("plant.yaml"), roles: folder.path("roles.yaml") };
  writeFileSync(files.plant, PLANT);
  writeFileSync(
    files.roles,
    `roles: { fitter: [{ webhook: "http://127.0.0.1:${port}/", secret: 0123456789abcdef }] }\n`,
  );
  const prefix = `review-${process.pid}.`;
  const outside = kafka.outside(prefix);
  const common = ["--plant", files.plant, ...outside, "--partitions", "2"];
  const start = (...args: string[]): Promise<Served> => kafka.start(...args, ...common);
  const gateway = (): Promise<Served> => start("gateway", "--roles", files.roles);
  const [first, second] = await Promise.all([gateway(), gateway(), start("worker")]);
  for (const { url } of [first, second])
    await until("readiness", async () => ((await getJson(url, "/health/ready")).status === 200 ? true : undefined));

  // Days of runs and stops, too long ago for a message; the filler's last stop began ten minutes ago and is open.
  const lines: string[] = [];
  const say = (machine: string, at: number, more: object): void =>
    void lines.push(JSON.stringify({ machine, at: new Date(at).toISOString(), ...more }));
  for (const machine of [FILLER, LABELLER]) {
    for (let at = today - 2 * DAY; at < now - 4 * HOUR; at += HOUR) {
      say(machine, at, { type: "state", state: "running" });
      say(machine, at + 40 * MINUTE, { type: "count", good: 2_000 });
      say(machine, at + 50 * MINUTE, { type: "state", state: "down", reason: "mechanical" });
    }
    say(machine, now - 2 * HOUR, { type: "state", state: "running" });
  }
  say(FILLER, now - 10 * MINUTE, { type: "state", state: "down" });
  expect((await postLines(first.url, lines)).body).toMatchObject({ accepted: lines.length });

  const target = { type: "target", id: "t", rev: 1, ...saidBy("anna"), scope: "berlin", measure: "oee", value: 0.5 };
  expect((await post(first.url, "/api/v1/entries", JSON.stringify(target))).status).toBe(202);
  const rival = await post(second.url, "/api/v1/entries", JSON.stringify({ ...target, ...saidBy("ben"), value: 0.6 }));
  expect(rival).toMatchObject({ status: 409, body: { code: "OEE_HTTP_CONFLICT", newest: { rev: 1, value: 0.5 } } });
  const revised = { ...target, rev: 2, ...saidBy("ben"), value: 0.6 };
  expect((await post(second.url, "/api/v1/entries", JSON.stringify(revised))).status).toBe(202);
  await until("the revision at the other gateway", async () => {
    const { body } = await getJson<{ rev: number }[]>(first.url, "/api/v1/entries?type=target&id=t");
    return body[0]?.rev === 2 ? true : undefined;
  });

  await until("yesterday's stops in the store", async () => {
    const { body } = await getJson<{ measures: Record<string, { achieved: number | null }> }>(
      first.url,
      `/api/v1/review?scope=berlin&period=${yesterday}`,
    );
    // The machine runs 50 minutes of each hour.
    return body.measures["availability"]?.achieved === 50 / 60 ? true : undefined;
  });
  const asked = { id: "q", ...saidBy("anna"), scope: "berlin", period: yesterday };
  expect((await post(first.url, "/api/v1/reviews", JSON.stringify(asked))).status).toBe(202);
  const presented = await until("the review at the other gateway", async () => {
    const { status, body } = await getJson<{ digest: string; document: object }>(second.url, "/api/v1/reviews/q");
    return status === 200 ? body : undefined;
  });
  expect(presented.document).toMatchObject({ measures: { oee: { goal: 0.6, target: "t" } } });
  const sign = { ...saidBy("cora"), role: "boss", digest: presented.digest };
  expect((await post(second.url, "/api/v1/reviews/q/sign-offs", JSON.stringify(sign))).status).toBe(202);
  const checked = await runOee(["review", "--check", "q", "--url", second.url]).ended;
  expect([checked.code, checked.stderr]).toEqual([0, expect.stringContaining("the same figures now")]);

  const alertOf = (url: string, machine: string): Promise<AlertAnswer> =>
    until(`an alert of ${machine}`, async () => {
      const { body } = await getJson<AlertAnswer[]>(url, `/api/v1/alerts?scope=${machine}&from=${now - HOUR}`);
      return body.find(({ messages: [sent] }) => sent?.state === "sent");
    });
  const alert = await alertOf(first.url, FILLER);
  expect(alert).toMatchObject({ state: "open", ticket: expect.stringContaining(`long/${FILLER}@`) as string });
  expect(messages).toEqual([alert.ticket]);
  const path = `/api/v1/alerts/${encodeURIComponent(alert.ticket)}`;
  expect((await post(second.url, `${path}/acknowledgements`, JSON.stringify(saidBy("ben")))).status).toBe(202);
  await until("the acknowledgement at the other gateway", async () =>
    (await getJson<AlertAnswer>(first.url, path)).body.state === "acknowledged" ? true : undefined,
  );

  // The gateway on duty is killed.
  const onDuty = async ({ url }: Served): Promise<boolean> =>
    /^oee_gateway_[a-z_]*duty 1$/m.test(await (await fetch(`${url}/metrics`)).text());
  const [gone, stays] = await until("a gateway on duty", async () => {
    if (await onDuty(first)) return [first, second] as const;
    return (await onDuty(second)) ? ([second, first] as const) : undefined;
  });
  await gone.end("SIGKILL");
  const lastStop = [{ machine: LABELLER, at: new Date(now - 9 * MINUTE).toISOString(), type: "state", state: "down" }];
  await postLines(
    stays.url,
    lastStop.map((event) => JSON.stringify(event)),
  );
  const later = await until("the other gateway on duty", async () =>
    (await onDuty(stays)) ? alertOf(stays.url, LABELLER) : undefined,
  );
  expect(messages).toEqual([alert.ticket, later.ticket]);

  await until("entries and messages in the store, as the topics have them", async () => {
    const { code, stderr, stdout } = await runOee(["verify", "--plant", files.plant, ...outside]).ended;
    expect(stderr).not.toContain("are not compared");
    return code === 0 && stdout === "" && stderr.includes(", 0 differ") ? true : undefined;
  });
});
