/**
 * Health and readiness while the store, the broker or disk space is really away: they name what is away, and become ready when it
 * is back; nothing that was accepted is lost.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { startHttpFront } from "../../packages/store/test/http-front.ts";
import { OEE } from "../cli/oee.ts";
import { startBroker } from "../kafka/broker.ts";
import { instant, PLANT } from "./history.ts";
import { getJson, newFolder, post, postLines, serve, type Served, until } from "./oee-process.ts";

const FILLER = "berlin/packing/l1/filler";
/** On a busy machine an end in order may take long. */
const PATIENT = { ...process.env, OEE_END_WITHIN: "2m" };

const folder = newFolder();
const served: Served[] = [];

afterAll(async () => {
  for (const one of served) await one.end("SIGKILL");
  folder.remove();
});

interface Ready {
  /** Of a gateway. */
  readonly checks?: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[];
  readonly newestEvent?: { readonly at: string; readonly ageMs: number } | null;
  /** Of a worker. */
  readonly reason?: string;
  readonly lag?: number | null;
}

async function ready(url: string): Promise<{ readonly status: number; readonly body: Ready; readonly bad: string }> {
  const { status, body } = await getJson<Ready>(url, "/health/ready");
  const bad = (body.checks ?? []).filter(({ ok }) => !ok).map(({ name }) => name);
  return { status, body, bad: body.reason ?? bad.join() };
}

const untilReady = (url: string): Promise<true> =>
  until(`${url} ready`, async () => ((await ready(url)).status === 200 ? true : undefined));

const untilBad = (url: string, what: RegExp): Promise<true> =>
  until(`${url} not ready for ${what}`, async () => {
    const { status, bad } = await ready(url);
    return status === 503 && what.test(bad) ? true : undefined;
  });

async function alive(url: string): Promise<void> {
  expect((await fetch(`${url}/health/live`)).status).toBe(200);
}

const ours = (process.env["KAFKA_BROKERS"] ?? "") === "";

test.skipIf(!ours)("a worker and a gateway, while ClickHouse is away and while Kafka is", async () => {
  const [broker, front] = await Promise.all([startBroker(), startHttpFront(folder.path("clickhouse"))]);
  onTestFinished(async () => {
    await front.close();
    await broker.stop();
  });
  if (broker.crash === null) throw new Error("a broker of our own was expected");
  writeFileSync(folder.path("plant.yaml"), PLANT);
  const outside = ["--kafka", broker.brokers.join(","), "--clickhouse", front.url, "--topic-prefix", "health."];
  const args = ["--plant", folder.path("plant.yaml"), ...outside, "--partitions", "2"];
  const [gateway, worker] = await Promise.all([serve(["gateway", ...args]), serve(["worker", ...args])]);
  served.push(gateway, worker);
  await Promise.all([untilReady(gateway.url), untilReady(worker.url)]);
  const at = Date.now() - 90_000;
  const say = (good: number): Promise<{ readonly status: number }> =>
    postLines(gateway.url, [JSON.stringify({ type: "count", machine: FILLER, at: instant(at), good })]);
  expect((await say(1)).status).toBe(202);
  await until("the event's age", async () => {
    const { body } = await ready(gateway.url);
    const age = body.newestEvent?.ageMs ?? 0;
    return body.newestEvent?.at === instant(at) && age >= 90_000 ? true : undefined;
  });

  front.away(true);
  await Promise.all([untilBad(gateway.url, /store/), untilBad(worker.url, /cannot write to the store/)]);
  await Promise.all([alive(gateway.url), alive(worker.url)]);
  // The log works, so events are accepted.
  expect((await say(2)).status).toBe(202);
  front.away(false);
  await Promise.all([untilReady(gateway.url), untilReady(worker.url)]);

  await broker.crash.kill();
  await Promise.all([untilBad(gateway.url, /log/), untilBad(worker.url, /the log does not answer/)]);
  await Promise.all([alive(gateway.url), alive(worker.url)]);
  await broker.crash.restart();
  await Promise.all([untilReady(gateway.url), untilReady(worker.url)]);
  expect((await say(4)).status).toBe(202);
  const from = instant(at - 3_600_000);
  await until("all that was accepted", async () => {
    const path = `/api/v1/kpis?scope=${FILLER}&from=${from}&to=now`;
    const { body } = await getJson<{ elements?: { components: { goodCount: number } }[] }>(gateway.url, path);
    const kpis = Array.isArray(body) ? (body as { components: { goodCount: number } }[]) : (body.elements ?? []);
    return kpis[0]?.components.goodCount === 7 ? true : undefined;
  });
});

const mountable = spawnSync("unshare", ["-rm", "true"]).status === 0;

test.skipIf(!mountable)(
  "oee start on a disk that fills: events are refused and none is lost, and readiness says why",
  async () => {
    const mounted = newFolder();
    onTestFinished(mounted.remove);
    writeFileSync(folder.path("plant.yaml"), PLANT);
    // The disk is mounted for this process alone, which fills it and makes room on demand.
    const script = `mount -t tmpfs -o size=192m none "$1"
"$2" "$3" start --plant "$4" --data "$1/data" --port 0 & child=$!
while read -r what; do
  case $what in
    nearly) dd if=/dev/zero of="$1/ballast" bs=64k count=$((($(stat -f -c '%a * %s' "$1") - 50331648) / 65536)) 2> /dev/null ;;
    fill) dd if=/dev/zero of="$1/more" bs=64k 2> /dev/null ;;
    room) rm -f "$1/ballast" "$1/more" ;;
    end) kill -TERM $child; wait $child; echo "ended with $?"; exit ;;
  esac
  echo "did $what"
done
kill -KILL $child`;
    const inside = ["sh", "-c", script, "sh", mounted.path("."), process.execPath, OEE, folder.path("plant.yaml")];
    const child = spawn("unshare", ["-rm", ...inside], { stdio: ["pipe", "pipe", "pipe"], env: PATIENT });
    onTestFinished(() => void child.stdin.end());
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (said += text));
    const url = await until("an address", () => /http:\/\/[0-9.]+:[0-9]+/.exec(said)?.[0]);
    const tell = async (what: string): Promise<void> => {
      child.stdin.write(`${what}\n`);
      await until(what, () => (said.includes(`did ${what}`) ? true : undefined));
    };
    await untilReady(url);
    let accepted = 0;
    const at = Date.now() - 60_000;
    const say = async (): Promise<number> => {
      const note = "x".repeat(20_000);
      const lines = Array.from({ length: 20 }, () =>
        JSON.stringify({ type: "count", machine: FILLER, at, good: 1, note }),
      );
      const { status } = await postLines(url, lines);
      if (status === 202) accepted += 20;
      return status;
    };
    expect(await say()).toBe(202);
    await tell("nearly");
    await until("a refusal", async () => ((await say()) === 503 ? true : undefined));
    await tell("fill");
    expect(await say()).toBe(503);
    await untilBad(url, /log/);
    await alive(url);
    await tell("room");
    await until("an acceptance", async () => ((await say()) === 202 ? true : undefined));
    await untilReady(url);
    await until("all that was accepted", async () => {
      const { body } = await getJson<unknown>(
        url,
        `/api/v1/kpis?scope=${FILLER}&from=${instant(at - 3_600_000)}&to=now`,
      );
      const good = Number(/"goodCount":(\d+)/.exec(JSON.stringify(body))?.[1] ?? 0);
      // Events that were answered with 503 may be in the log all the same.
      return good >= accepted ? true : undefined;
    });
    child.stdin.write("end\n");
    expect(await until("its end", () => /ended with (\d+)/.exec(said)?.[1])).toBe("0");
    // LMDB was not called: where a write fails it prints this, and damages the memory of the process.
    expect(said).not.toContain("Write error");
  },
);

/** Mounts an ext4 disk that can be made read-only in use by an option of ext4, as Linux does with a damaged disk. */
const DAMAGED_DISK = `truncate -s 300M "$1.img" && mkfs.ext4 -q -F "$1.img" && mount -o loop "$1.img" "$1"`;
const damageable =
  spawnSync("unshare", [
    "-m",
    "sh",
    "-c",
    `d=$(mktemp -d) && set -- "$d" && ${DAMAGED_DISK}; s=$?
umount "$d" 2> /dev/null; rm -rf "$d" "$d.img"; exit $s`,
  ]).status === 0;

test.skipIf(!damageable)(
  "oee start on a disk that becomes read-only: events are refused, it says why, and it ends in order",
  async () => {
    const mounted = newFolder();
    onTestFinished(mounted.remove);
    writeFileSync(folder.path("plant.yaml"), PLANT);
    const script = `${DAMAGED_DISK}
"$2" "$3" start --plant "$4" --data "$1/data" --port 0 & child=$!
while read -r what; do
  case $what in
    damage) mount -o remount,abort "$1" ;;
    end) kill -TERM $child; wait $child; echo "ended with $?"; break ;;
  esac
  echo "did $what"
done
kill -KILL $child 2> /dev/null
umount "$1"`;
    const inside = ["sh", "-c", script, "sh", mounted.path("disk"), process.execPath, OEE, folder.path("plant.yaml")];
    mkdirSync(mounted.path("disk"));
    const child = spawn("unshare", ["-m", ...inside], { stdio: ["pipe", "pipe", "pipe"], env: PATIENT });
    onTestFinished(async () => {
      child.stdin.end();
      if (child.exitCode === null) await once(child, "exit");
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (said += text));
    const url = await until("an address", () => /http:\/\/[0-9.]+:[0-9]+/.exec(said)?.[0]);
    await untilReady(url);
    const line = JSON.stringify({ type: "count", machine: FILLER, at: Date.now() - 60_000, good: 1 });
    expect((await postLines(url, [line])).status).toBe(202);
    child.stdin.write("damage\n");
    await until("the damage", () => (said.includes("did damage") ? true : undefined));
    const refused = await post(url, "/api/v1/events", line);
    expect(refused).toMatchObject({ status: 503, body: { code: "OEE_HTTP_LOG_UNAVAILABLE" } });
    await untilBad(url, /log/);
    const { body } = await ready(url);
    expect(body.checks?.find(({ name }) => name === "log")?.detail).toMatch(/EROFS: read-only file system/);
    await alive(url);
    child.stdin.write("end\n");
    expect(await until("its end", () => /ended with (\d+)/.exec(said)?.[1])).toBe("0");
    expect(said).not.toContain("Write error");
  },
);
