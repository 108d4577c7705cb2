/**
 * `oee connect results`: KPIs of periods that are over, from a gateway to a webhook of an ERP or MES. Each period is sent once, and
 * again when its numbers have changed since, as by a correction; what the webhook does not take is sent again.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { formatInstant, parseInstant } from "@oee/model";
import { type Command, Option } from "commander";
import pino, { type Logger } from "pino";
import { Failure, reasonOf, UsageError } from "../failure.ts";
import { OrderlyEnd } from "../live/running.ts";
import { durationOption } from "../option-values.ts";
import { dataOption } from "./data-option.ts";
import { whyUnreachable } from "@oee/pacing";

const LOOK_EVERY_MS = 60_000;
const TIMEOUT_MS = 30_000;
const DIGEST_DIGITS = 16;
const FILE = "results.json";

interface ResultsSettings {
  readonly url: string;
  readonly token?: string;
  readonly to?: string;
  readonly toToken?: string;
  readonly scope: string;
  readonly by: string;
  readonly every: string;
  /** ms. */
  readonly settle: number;
  readonly back: number;
  readonly once?: boolean;
  readonly data: string;
}

export function defineResults(command: Command): void {
  command
    .description(
      "Sends KPIs of periods that are over to a webhook, as JSON: each once, and again when its numbers have changed since.",
    )
    .addOption(new Option("--url <url>", "the gateway").env("OEE_URL").default("http://127.0.0.1:8080"))
    .addOption(new Option("--token <text>", "for a gateway at which people sign in").env("OEE_CONNECT_TOKEN"))
    .addOption(new Option("--to <url>", "the webhook, which is posted to").env("OEE_RESULTS_TO"))
    .addOption(new Option("--to-token <text>", "its token (Authorization: Bearer …)").env("OEE_RESULTS_TO_TOKEN"))
    .option("--scope <scope>", "what is sent", "*")
    .option("--by <level>", "machine, line, area, site, enterprise or product", "machine")
    .option("--every <period>", "hour, shift, day, week, …", "shift")
    .addOption(durationWith("--settle", "how long after its end a period is sent", 600_000, "10m"))
    .addOption(durationWith("--back", "how long ago a period may have ended", 172_800_000, "2d"))
    .option("--once", "sends what there is, and ends")
    .addOption(dataOption())
    .action(send);
}

function durationWith(name: string, what: string, ms: number, shown: string): Option {
  return new Option(`${name} <duration>`, what).argParser(durationOption).default(ms, shown);
}

interface Element {
  readonly scope: string;
  readonly from: string;
  readonly to: string;
  readonly [field: string]: unknown;
}

async function send(settings: ResultsSettings): Promise<void> {
  const { to } = settings;
  if (to === undefined || !URL.canParse(to)) throw new UsageError("expected --to URL");
  if (!URL.canParse(settings.url)) throw new UsageError(`--url: found ${JSON.stringify(settings.url)}`);
  const logger = pino(pino.destination({ dest: 2, sync: true }));
  const sent = await Sent.from(settings.data);
  if (settings.once === true) {
    process.stdout.write(`${await sendNews(settings, new URL(to), sent)} sent\n`);
    return;
  }
  await Promise.race([new OrderlyEnd().asked, forEver(settings, new URL(to), sent, logger)]);
  process.exit(process.exitCode ?? 0);
}

async function forEver(settings: ResultsSettings, to: URL, sent: Sent, logger: Logger): Promise<never> {
  for (;;) {
    try {
      const count = await sendNews(settings, to, sent);
      if (count > 0) logger.info({ count }, "results were sent");
    } catch (error) {
      logger.warn({ why: reasonOf(error) }, "results wait");
    }
    await wait(LOOK_EVERY_MS);
  }
}

/** How many were sent. Throws `Failure` at the first that was not taken: those before it count as sent. */
async function sendNews(settings: ResultsSettings, to: URL, sent: Sent): Promise<number> {
  const now = Date.now();
  const from = now - settings.back;
  const elements = await elementsSince(settings, from, now);
  const keys = new Set<string>();
  let count = 0;
  for (const element of elements) {
    const ended = parseInstant(element.to) ?? now;
    // What begins where we asked from may have begun before, and is not whole.
    if (ended > now - settings.settle || (parseInstant(element.from) ?? from) <= from) continue;
    const { scope, product, shift } = element;
    const key = JSON.stringify([scope, element.from, element.to, product ?? null, shift ?? null]);
    const digest = createHash("sha256").update(JSON.stringify(element)).digest("hex").slice(0, DIGEST_DIGITS);
    keys.add(key);
    if (sent.has(key, digest)) continue;
    await post(to, settings.toToken, element, digest);
    await sent.add(key, digest);
    count++;
  }
  await sent.keep(keys);
  return count;
}

async function elementsSince(
  { url, token, scope, by, every }: ResultsSettings,
  from: number,
  to: number,
): Promise<readonly Element[]> {
  const asked = new URL("/api/v1/kpis", url);
  const query = { scope, by, every, from: formatInstant(from), to: formatInstant(to) };
  for (const [name, value] of Object.entries(query)) asked.searchParams.set(name, value);
  const headers = { accept: "application/json", ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  const answer = await fetched(asked, { headers });
  return JSON.parse(answer) as readonly Element[];
}

/** The same numbers have the same key, by which a webhook tells repeats. */
async function post(to: URL, token: string | undefined, element: Element, digest: string): Promise<void> {
  const signed = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const headers = { "content-type": "application/json", "idempotency-key": digest, ...signed };
  await fetched(to, { method: "POST", headers, body: JSON.stringify(element) });
}

/** Throws `Failure`. */
async function fetched(address: URL, init: RequestInit): Promise<string> {
  const where = `${address.origin}${address.pathname}`;
  try {
    const response = await fetch(address, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await response.text();
    if (!response.ok) throw new Failure(`${where} answered ${response.status}: ${text.slice(0, 500)}`);
    return text;
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`${where} cannot be reached: ${whyUnreachable(error)}`, { cause: error });
  }
}

/** Which numbers were sent of which periods, kept on disk. */
class Sent {
  readonly #folder: string;
  readonly #digests: Map<string, string>;

  private constructor(folder: string, digests: Map<string, string>) {
    this.#folder = folder;
    this.#digests = digests;
  }

  static async from(folder: string): Promise<Sent> {
    await mkdir(folder, { recursive: true });
    const text = await readFile(join(folder, FILE), "utf8").catch(() => "{}");
    return new Sent(folder, new Map(Object.entries(JSON.parse(text) as Readonly<Record<string, string>>)));
  }

  has(key: string, digest: string): boolean {
    return this.#digests.get(key) === digest;
  }

  async add(key: string, digest: string): Promise<void> {
    this.#digests.set(key, digest);
    await this.#write();
  }

  /** Periods that are asked for no more are forgotten. */
  async keep(keys: ReadonlySet<string>): Promise<void> {
    const gone = [...this.#digests.keys()].filter((key) => !keys.has(key));
    if (gone.length === 0) return;
    for (const key of gone) this.#digests.delete(key);
    await this.#write();
  }

  async #write(): Promise<void> {
    const file = join(this.#folder, FILE);
    await writeFile(`${file}.new`, JSON.stringify(Object.fromEntries(this.#digests)));
    await rename(`${file}.new`, file);
  }
}
