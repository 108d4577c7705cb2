/**
 * Waits at the start until the log and the store answer, as a running process does when it loses them. Meanwhile health
 * requests are answered on the port of the server: it is live, and not ready, with what it waits for. An error that waiting
 * cannot mend (a refused sign-in, a bad certificate, a topic of another kind) ends the start at once.
 */
import { createServer, type Server } from "node:http";
import { Strangers } from "@oee/gateway";
import { retryForEver, sleepTimer } from "@oee/pacing";
import type { Logger } from "pino";
import { Failure, reasonOf } from "../failure.ts";
import { allowedHostsOf, urlsOf } from "./listening.ts";
import type { NetworkSettings } from "./listening.ts";

const PASSING: ReadonlySet<string> = new Set(["OEE_LOG_UNAVAILABLE", "OEE_LOG_APPEND_FAILED", "OEE_STORE_UNAVAILABLE"]);
const FIRST_DELAY_MS = 500;
const DELAY_MAX_MS = 10_000;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export class StartWait {
  readonly #settings: NetworkSettings;
  readonly #logger: Logger;
  #server: Server | null = null;
  #reason = "";
  /** Where the process shall listen: where probes were answered, if they were. */
  #port: number;

  constructor(settings: NetworkSettings, logger: Logger) {
    this.#settings = settings;
    this.#logger = logger;
    this.#port = settings.port;
  }

  /** What the work answers, once log and store do. Throws what waiting does not mend. A signal ends the process. */
  async until<T>(work: () => Promise<T>): Promise<T> {
    const onFailure = async (error: unknown, delayMs: number): Promise<void> => {
      if (!isPassing(error)) {
        await this.leave();
        throw error;
      }
      this.#reason = reasonOf(error);
      await this.#answerProbes();
      this.#logger.warn({ reason: this.#reason, delayMs }, "the start waits for the log or the store");
    };
    return retryForEver(work, onFailure, sleepTimer, { firstDelayMs: FIRST_DELAY_MS, delayMsMax: DELAY_MAX_MS });
  }

  /** Stops answering; the settings with the port that was answered at. */
  async leave<S extends NetworkSettings>(settings?: S): Promise<S & NetworkSettings> {
    const server = this.#server;
    this.#server = null;
    for (const signal of SIGNALS) process.off(signal, endBeforeStart);
    if (server !== null) {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    }
    return { ...(settings ?? this.#settings), port: this.#port } as S & NetworkSettings;
  }

  async #answerProbes(): Promise<void> {
    if (this.#server !== null) return;
    const { host, port } = this.#settings;
    const strangers = new Strangers(allowedHostsOf(this.#settings));
    const server = createServer((request, response) => {
      const known = strangers.knowsHost(request.headers);
      const path = (request.url ?? "").replace(/^\/api\/v1(?=\/health\/)/, "").replace(/\?.*$/, "");
      if (known && path === "/health/live") return void response.end("alive\n");
      const detail = this.#reason;
      const waiting = { ready: false, status: "not-ready", reason: detail };
      const checks = [{ name: "start", ok: false, detail }];
      response.statusCode = known ? 503 : 421;
      response.setHeader("content-type", "application/json").setHeader("retry-after", "5");
      response.end(known ? `${JSON.stringify({ ...waiting, checks, lag: null, newestEvent: null })}\n` : "{}\n");
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error) =>
        reject(new Failure(`cannot listen on ${host}:${port}: ${reasonOf(error)}`, { cause: error })),
      );
      server.listen(port, host, resolve);
    });
    for (const signal of SIGNALS) process.on(signal, endBeforeStart);
    this.#server = server;
    const address = server.address();
    if (typeof address === "object" && address !== null) this.#port = address.port;
    this.#logger.info({ url: urlsOf(this.#settings, server)[0] }, "probes are answered");
  }
}

/** Nothing has begun: there is nothing to store. */
function endBeforeStart(): void {
  process.exit(0);
}

/** `connect` wraps what it meets for people. */
function isPassing(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ("code" in at && PASSING.has(String(at.code))) return true;
  }
  return false;
}
