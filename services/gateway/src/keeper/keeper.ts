/**
 * Does the work of the review that no request asks for, on the one gateway that is on duty (`duty.ts`): it looks for alerts by
 * the rules of packages/review over stored rows and events, sends their messages, and stores entries, alerts, messages and
 * latencies. The other gateways show what it stored.
 */
import type { RecordBatch } from "@oee/event-log";
import { ALERT_KINDS, type AlertKind, type Plant } from "@oee/model";
import {
  AlertBoard,
  type AlertLook,
  type Facts,
  type KnownAlert,
  type KnownMet,
  longUnresolved,
  messagesDue,
  metNow,
  metStill,
  type Met,
  parseTicket,
  wasLookedFor,
} from "@oee/review";
import type { StoredAlert } from "@oee/store";
import type { MachinePictures } from "../live/machine-picture.ts";
import type { GatewayMetrics } from "../metrics.ts";
import type { GatewayOptions, PlantInForce } from "../options.ts";
import type { EntryLog } from "../review/entry-log.ts";
import type { ReviewAnswers } from "../review/review-answers.ts";
import type { LastHeard } from "../review/stored-facts.ts";
import { Courier } from "./courier.ts";
import { Duty } from "./duty.ts";
import type { LatencyCounts } from "./latency-counts.ts";
import { MessageLog } from "./message-log.ts";
import type { KeeperOptions } from "./options.ts";
import { storeEntries, storeUndeclared } from "./stored-entries.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const OF_MACHINES: ReadonlySet<AlertKind> = new Set(["stop", "no-reason", "silent"]);
/** A near look goes this far back; changes of older time by late events and corrections are found by far looks. */
const NEAR_MS = 2 * HOUR_MS;
const FAR_MS = 26 * HOUR_MS;
const FAR_LOOK_BACK_MS = 8 * DAY_MS;
const FAR_EVERY_MS = 5 * MINUTE_MS;
/** Panes of windows and minutes of arrival are looked at again for this long. */
const PANES_MS = 2 * HOUR_MS;
const PANES_FAR_EVERY_MS = 10 * MINUTE_MS;
const BEHIND_EVERY_MS = HOUR_MS;
/** Alerts that are open for longer than far looks go back are looked at anew so often, those of a few days at a time. */
const OLD_EVERY_MS = HOUR_MS;
const OLD_DAYS_TOGETHER = 8;
/** A pane is looked at this long after its end, when its rows are stored. */
const SETTLED_MS = 30_000;
const LATENCIES_EVERY_MS = MINUTE_MS;
/** The least pause after a look, as a multiple of its time: looks take at most a tenth of the time. */
const PAUSE_FACTOR = 9;

export interface KeeperSources {
  readonly options: GatewayOptions;
  readonly keeper: KeeperOptions;
  readonly entries: EntryLog;
  readonly answers: ReviewAnswers;
  readonly pictures: MachinePictures;
  readonly latencies: LatencyCounts;
  readonly metrics: GatewayMetrics;
}

export class Keeper {
  readonly #sources: KeeperSources;
  readonly #duty: Duty;
  readonly #messages: MessageLog;
  readonly #courier: Courier;
  #board: AlertBoard | null = null;
  #shown: readonly KnownAlert[] = [];
  #onShown: (before: readonly KnownAlert[], after: readonly KnownAlert[]) => void = () => undefined;
  #timer: NodeJS.Timeout | null = null;
  #turn: Promise<void> = Promise.resolve();
  #closed = false;
  #lookedAt = -Infinity;
  #farAt = -Infinity;
  #farOf: Plant | null = null;
  #panesAt = -Infinity;
  #panesFarAt = -Infinity;
  #behindAt = -Infinity;
  #oldAt = -Infinity;
  /** Tickets of old alerts that are to be looked at, by the day (of UTC) on which the stop or silence began. */
  readonly #old = new Map<number, string[]>();
  #latenciesAt = -Infinity;
  #version = 0n;

  constructor(sources: KeeperSources) {
    this.#sources = sources;
    const { log, topics, logger, clock } = sources.options;
    this.#messages = new MessageLog(log, topics, () => sources.metrics.passedOver.inc({ topic: "messages" }));
    this.#courier = new Courier(this.#messages, sources.keeper, clock, logger, sources.metrics);
    this.#duty = new Duty(log, topics, logger, (batch) => this.#take(batch));
  }

  get isOnDuty(): boolean {
    return this.#duty.isOn;
  }

  /** The known alerts of the last days, withdrawn ones too. */
  get shown(): readonly KnownAlert[] {
    return this.#shown;
  }

  start(onShown: (before: readonly KnownAlert[], after: readonly KnownAlert[]) => void): void {
    this.#onShown = onShown;
    this.#messages.start();
    this.#duty.start();
    this.#wait(this.#sources.keeper.lookEveryMs);
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#turn;
    if (this.#duty.isOn) {
      await this.#storeLatencies().catch(() => undefined);
      await this.#messages.store(this.#sources.options.store).catch(() => undefined);
    }
    await this.#duty.close();
    await this.#messages.close();
  }

  /** Looks for alerts once, and sends the messages that are due. It never rejects: a look that failed is repeated by the next one. */
  look(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#look());
    return this.#turn;
  }

  #wait(lookEveryMs: number | null): void {
    if (lookEveryMs === null || this.#closed) return;
    this.#timer = setTimeout(() => {
      const began = performance.now();
      void this.look().then(() =>
        this.#wait(Math.max(this.#sources.keeper.lookEveryMs ?? 0, (performance.now() - began) * PAUSE_FACTOR)),
      );
    }, lookEveryMs);
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    const { options } = this.#sources;
    try {
      if (this.#duty.isOn) await this.#onDutyLook();
      else await this.#offDutyLook();
    } catch (error) {
      if (this.#closed) return;
      options.logger.warn({ code: "OEE_ALERT_LOOK_FAILED", err: error }, "alerts were not looked for; they are again");
      // After an error the stored alerts may differ from the board, which is therefore read again.
      this.#board = null;
    }
  }

  async #offDutyLook(): Promise<void> {
    this.#board = null;
    const { options } = this.#sources;
    const now = options.clock();
    this.#show(new AlertBoard(await this.#stored(now)), options.plant().plant, now);
  }

  async #onDutyLook(): Promise<void> {
    const { options, keeper, entries } = this.#sources;
    const inForce = options.plant();
    const { plant } = inForce;
    const now = options.clock();
    await this.#messages.caughtUp;
    const board = (this.#board ??= new AlertBoard(await this.#stored(now)));
    // A clock that was set back has not come to where was looked last.
    if (this.#farOf !== plant || now < this.#lookedAt - MINUTE_MS) {
      this.#farAt = this.#panesAt = this.#panesFarAt = this.#behindAt = this.#oldAt = this.#latenciesAt = -Infinity;
    }
    this.#farOf = plant;
    this.#lookedAt = now;
    if (plant.alerts.length > 0 || board.unresolved().length > 0) {
      await this.#lookAtMachines(board, inForce, now);
      await this.#lookAtOld(board, inForce, now);
      await this.#lookAtPanes(board, inForce, now);
      await this.#lookAtTargets(board, inForce, now);
    }
    board.forget(now - FAR_LOOK_BACK_MS - FAR_MS);
    this.#show(board, plant, now);
    const { programme } = await entries.programmeOf(plant);
    const alerts = board.alerts(plant, programme.book.inForce("acknowledgement"), now);
    const due = messagesDue(alerts, (key) => this.#courier.wasSent(key));
    await this.#courier.deliver(plant, due, () => this.#duty.isOn && !this.#closed);
    await this.#messages.store(options.store);
    if (now - this.#latenciesAt >= LATENCIES_EVERY_MS || keeper.lookEveryMs === null) await this.#storeLatencies();
  }

  async #lookAtMachines(board: AlertBoard, inForce: PlantInForce, now: number): Promise<void> {
    const isFar = now - this.#farAt >= FAR_EVERY_MS;
    const look = {
      from: now - (isFar ? FAR_MS : NEAR_MS),
      lookBackMs: isFar ? FAR_LOOK_BACK_MS : NEAR_MS,
      kinds: OF_MACHINES,
    };
    await this.#lookFor(
      board,
      inForce,
      look,
      now,
      isFar ? () => "ask" : this.#lastHeard(board),
      isFar ? "far" : "near",
    );
    if (isFar) this.#farAt = now;
  }

  /** Looks at alerts that began before what far looks see: somebody may say weeks later why a machine stood still. */
  async #lookAtOld(board: AlertBoard, { plant, model }: PlantInForce, now: number): Promise<void> {
    if (this.#old.size === 0 && now - this.#oldAt >= OLD_EVERY_MS) {
      for (const { ticket } of longUnresolved(board, now - FAR_MS - FAR_LOOK_BACK_MS)) {
        const day = Math.floor((parseTicket(ticket)?.at ?? 0) / DAY_MS);
        const own = this.#old.get(day);
        if (own === undefined) this.#old.set(day, [ticket]);
        else own.push(ticket);
      }
      this.#oldAt = now;
    }
    const days = [...this.#old].slice(0, OLD_DAYS_TOGETHER);
    for (const [day] of days) this.#old.delete(day);
    const tickets = new Set(days.flatMap(([, own]) => own));
    const { answers, metrics, pictures } = this.#sources;
    const known = board
      .unresolved()
      .filter(({ ticket, scope: machine }) => tickets.has(ticket) && pictures.isFresh(machine) === true);
    if (known.length === 0) return;
    const ended = metrics.alertLooks.startTimer({ span: "old" });
    const met = await answers.ask({ plant, model, now }, new AbortController().signal, (facts) =>
      metStill(facts, known),
    );
    const before = new Map(known.map((one) => [one.ticket, one]));
    const changed = board.take(met, ({ ticket }) => before.has(ticket), now);
    ended();
    await this.#store(changed, before);
  }

  async #lookAtPanes(board: AlertBoard, inForce: PlantInForce, now: number): Promise<void> {
    const settled = Math.floor((now - SETTLED_MS) / MINUTE_MS) * MINUTE_MS;
    if (settled <= this.#panesAt) return;
    const kinds = new Set<AlertKind>(["kpi", "late"]);
    const isFar = now - this.#panesFarAt >= PANES_FAR_EVERY_MS;
    const from = isFar ? settled - PANES_MS : Math.max(settled - PANES_MS, this.#panesAt);
    await this.#lookFor(board, inForce, { from, lookBackMs: 0, kinds }, settled, () => "ask", isFar ? "far" : "near");
    this.#panesAt = settled;
    if (isFar) this.#panesFarAt = now;
  }

  async #lookAtTargets(board: AlertBoard, inForce: PlantInForce, now: number): Promise<void> {
    if (now - this.#behindAt < BEHIND_EVERY_MS) return;
    const kinds = new Set<AlertKind>(["behind"]);
    const minute = Math.floor(now / MINUTE_MS) * MINUTE_MS;
    await this.#lookFor(board, inForce, { from: now - FAR_MS, lookBackMs: 0, kinds }, minute, () => "ask", "far");
    this.#behindAt = now;
  }

  async #lookFor(
    board: AlertBoard,
    inForce: PlantInForce,
    { from, lookBackMs, kinds }: Pick<AlertLook, "from" | "lookBackMs" | "kinds">,
    now: number,
    lastHeard: LastHeard,
    span: "near" | "far",
  ): Promise<void> {
    const { plant, model } = inForce;
    const rules = plant.alerts.filter(({ condition }) => kinds.has(condition.kind));
    const known = board.all().filter((met) => kinds.has(met.kind));
    if (rules.length === 0 && known.length === 0) return;
    const { answers, entries, latencies, metrics, options, pictures } = this.#sources;
    const { programme } = await entries.programmeOf(plant);
    const ended = metrics.alertLooks.startTimer({ span });
    const p95Of: AlertLook["p95Of"] = (scope, hop, minute) => latencies.p95(scope, hop, minute);
    // As it is before the facts are read: what a worker says meanwhile is not in all of them.
    const fresh = new Map(plant.machines.map(({ id }) => [id, pictures.isFresh(id)]));
    const isKnownToNow: AlertLook["isKnownToNow"] = (machine) => fresh.get(machine) ?? null;
    const look: AlertLook = { from, lookBackMs, kinds, programme, p95Of, isKnownToNow };
    const signal = new AbortController().signal;
    const found = await answers.ask(
      { plant, model, now },
      signal,
      (facts): { readonly met: readonly Met[]; readonly facts: Facts } => ({ met: metNow(board, facts, look), facts }),
      lastHeard,
    );
    const before = new Map(board.all().map((met) => [met.ticket, met]));
    const changed = board.take(found.met, (met) => wasLookedFor(look, met, found.facts), options.clock());
    ended();
    await this.#store(changed, before);
  }

  /** The last events of machines by their live records, so that raw events need not be read with each look. */
  #lastHeard(board: AlertBoard): LastHeard {
    const { pictures } = this.#sources;
    const silentSince = new Map<string, number>();
    for (const { kind, scope, ticket } of board.unresolved()) {
      const at = kind === "silent" ? parseTicket(ticket)?.at : undefined;
      if (at !== undefined) silentSince.set(scope, Math.min(at, silentSince.get(scope) ?? Infinity));
    }
    return (machine) => {
      const last = pictures.lastEventAt(machine.id);
      const since = silentSince.get(machine.id);
      if (since === undefined) return last;
      // The machine had an open alert of silence and has new events: only stored events say when its silence ended.
      return last === since ? last : "ask";
    };
  }

  async #store(changed: readonly KnownMet[], before: ReadonlyMap<string, KnownMet>): Promise<void> {
    if (changed.length === 0) return;
    const { options } = this.#sources;
    this.#version = BigInt(Math.max(options.clock(), Number(this.#version) + 1));
    const alerts = changed.map(
      ({ ticket, rule, kind, scope, reason, opens, resolves, seen, withdrawn }): StoredAlert => ({
        ticket,
        rule,
        kind,
        scope,
        reason,
        opens,
        resolves,
        seen,
        withdrawn,
      }),
    );
    await options.store.insertAlerts(alerts, this.#version);
    for (const { ticket, withdrawn } of changed) {
      if (before.has(ticket) && withdrawn === null) continue;
      options.logger.info({ ticket, withdrawn: withdrawn !== null }, "alert");
    }
  }

  async #stored(now: number): Promise<readonly KnownMet[]> {
    const stored = await this.#sources.options.store.alerts({ from: now - FAR_LOOK_BACK_MS, to: now + DAY_MS });
    return stored.flatMap((alert): KnownMet[] => {
      const kind = ALERT_KINDS.find((known) => known === alert.kind);
      if (kind === undefined) return [];
      return [{ ...alert, kind, subject: alert.ticket.slice(alert.rule.length + 1) }];
    });
  }

  #show(board: AlertBoard, plant: Plant, now: number): void {
    const known = this.#sources.entries.known(plant);
    const before = this.#shown;
    this.#shown = board.alerts(plant, known?.book.inForce("acknowledgement") ?? [], now);
    this.#onShown(before, this.#shown);
  }

  async #storeLatencies(): Promise<void> {
    const { latencies, options } = this.#sources;
    const counts = latencies.take();
    this.#latenciesAt = options.clock();
    if (counts.length > 0) await options.store.insertLatencies(counts);
  }

  async #take(batch: RecordBatch): Promise<void> {
    const { options, entries } = this.#sources;
    const { plant } = options.plant();
    if (batch.topic === options.topics.entries.name) await storeEntries(batch, plant, entries, options.store);
    else await storeUndeclared(batch, options.store);
  }
}
