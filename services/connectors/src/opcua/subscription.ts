/**
 * Gets the values of a session's nodes: by a subscription, or by reading in turn where the server has no
 * subscriptions. A node that the server does not know never throws: it is reported by name and tried again. The rates
 * that the server agreed to are compared with those requested.
 */
import {
  AttributeIds,
  ClientMonitoredItemGroup,
  type ClientSession,
  type ClientSubscription,
  DataChangeFilter,
  DataChangeTrigger,
  DeadbandType,
  TimestampsToReturn,
} from "node-opcua-client";
import { repeat } from "@oee/pacing";
import type { Signal } from "../port.ts";
import { Missed } from "./missed.ts";
import { formatNodeName, nodeIdIn } from "./node-name.ts";
import type { OpcUaAddress, OpcUaSettings } from "./settings.ts";
import { within } from "./session.ts";
import { type ReadValue, valueAt } from "./values.ts";

export interface Listener {
  /** The server was heard. */
  alive(): void;
  changed(signal: Signal<OpcUaAddress>, value: ReadValue): void;
  refused(what: string, why: string): void;
  notice(what: string, why: string): void;
  /** The subscription has ended, or reports changes no longer. */
  broken(why: string): void;
}

export interface Reading {
  /** Longest silence of a healthy server (ms). */
  readonly keepAliveMs: number;
  close(): void;
}

type Signals = readonly Signal<OpcUaAddress>[];

const KEEP_ALIVE_PER_TIMEOUT = 6;
/** What servers give that do not publish as often as they are asked to (Eclipse Milo: 250 ms). */
const SHORT_INTERVAL_MS = 250;
/** How much of the session's timeout may pass without a sign of life, by the server's interval. */
const SESSION_SHARE = 0.9;
const LIFETIME_MS = 60_000;
const QUEUE_SIZE = 1_000;
const TRY_AGAIN_MS = 30_000;
const READ_NODES_MAX = 500;
/** How often all nodes are read, to find changes that the subscription did not report (`missed.ts`). */
const LOOK_MS = 10_000;
/** A subscription that signals more often than so many times what was agreed on is one that its client has lost. */
const STORM_FACTOR = 50;

interface Target {
  readonly signal: Signal<OpcUaAddress>;
  readonly nodeId: string;
}

/** Reports signals whose namespace the server lacks, once for each session. */
function targetsOf(signals: Signals, namespaces: readonly string[], listener: Listener): readonly Target[] {
  return signals.flatMap((signal) => {
    const nodeId = nodeIdIn(signal.address.node, namespaces);
    if (nodeId === null) listener.refused(nameOf(signal), "the server lacks the namespace");
    return nodeId === null ? [] : [{ signal, nodeId }];
  });
}

export async function subscribe(
  session: ClientSession,
  namespaces: readonly string[],
  signals: Signals,
  { everyMs, timeoutMs }: OpcUaSettings,
  listener: Listener,
): Promise<Reading> {
  const subscription = await subscriptionOf(session, everyMs, timeoutMs);
  const agreedMs = subscription.publishingInterval;
  if (agreedMs > everyMs)
    listener.notice("publishing interval", `asked for ${everyMs} ms, the server gives ${agreedMs} ms`);
  const keepAliveMs = agreedMs * subscription.maxKeepAliveCount;
  // While the client restores a session what it reports as signs of life may be none: asyncua answers each request for a missed
  // notification with an empty one, and the client requests the next.
  const alive = (): void => {
    if (!session.isReconnecting) listener.alive();
  };
  let keepAlives = 0;
  subscription.on("keepalive", () => {
    if (++keepAlives > STORM_FACTOR) listener.broken("signs of life come much more often than was agreed");
    alive();
  });
  subscription.on("received_notifications", alive);
  subscription.on("terminated", () => listener.broken("the server ended the subscription"));
  const watch = setInterval(() => (keepAlives = 0), keepAliveMs);
  const missed = new Missed();
  const hearing: Listener = {
    ...listener,
    changed: (signal, value) => {
      missed.reported(signal, value);
      listener.changed(signal, value);
    },
  };
  const monitored = new Monitored(subscription, hearing, agreedMs);
  const targets = targetsOf(signals, namespaces, listener);
  monitored.monitor(targets);
  const look = async (): Promise<void> => {
    for (const { signal, value } of await valuesOf(session, targets, timeoutMs)) {
      if (!missed.noteRead(signal, value)) continue;
      listener.notice(nameOf(signal), "the subscription did not tell a change, which was read");
      hearing.changed(signal, value);
    }
  };
  const lookingMs = Math.max(LOOK_MS, 2 * agreedMs);
  const looking = setInterval(() => {
    // A server that does not answer is found by the watchdog of `opcua-source.ts`.
    look().catch(() => {});
  }, lookingMs);
  return {
    keepAliveMs,
    close: () => {
      clearInterval(watch);
      clearInterval(looking);
      monitored.close();
    },
  };
}

/**
 * A subscription that gives a sign of life `KEEP_ALIVE_PER_TIMEOUT` times a timeout. Signs of life are counted in publishing
 * intervals. Where the server agrees to a longer interval than was asked for, the subscription is made anew with another count:
 * with more intervals than the session's timeout has, the client would wait for ever for the first sign.
 */
async function subscriptionOf(session: ClientSession, everyMs: number, timeoutMs: number): Promise<ClientSubscription> {
  const keepAliveMs = timeoutMs / KEEP_ALIVE_PER_TIMEOUT;
  const withCount = (keepAliveCount: number): Promise<ClientSubscription> =>
    within(
      session.createSubscription2({
        requestedPublishingInterval: everyMs,
        requestedMaxKeepAliveCount: keepAliveCount,
        requestedLifetimeCount: Math.max(3 * keepAliveCount, Math.ceil(LIFETIME_MS / everyMs)),
        maxNotificationsPerPublish: 0,
        publishingEnabled: true,
        priority: 0,
      }),
      timeoutMs,
      "subscribing",
    );
  const countOf = (intervalMs: number): number => Math.max(1, Math.round(keepAliveMs / intervalMs));
  const countMost = Math.max(1, Math.floor((SESSION_SHARE * session.timeout) / Math.max(everyMs, SHORT_INTERVAL_MS)));
  const subscription = await withCount(Math.min(countOf(everyMs), countMost));
  const { publishingInterval } = subscription;
  if (publishingInterval * subscription.maxKeepAliveCount <= 2 * keepAliveMs || subscription.maxKeepAliveCount === 1) {
    return subscription;
  }
  await within(subscription.terminate(), timeoutMs, "subscribing");
  return withCount(countOf(publishingInterval));
}

/** The items of a subscription, and those that the server refused so far. */
class Monitored {
  readonly #subscription: ClientSubscription;
  readonly #listener: Listener;
  readonly #agreedMs: number;
  readonly #refusals = new Set<string>();
  #again: NodeJS.Timeout | null = null;
  #refused: Target[] = [];
  #closed = false;

  constructor(subscription: ClientSubscription, listener: Listener, agreedMs: number) {
    this.#subscription = subscription;
    this.#listener = listener;
    this.#agreedMs = agreedMs;
  }

  monitor(targets: readonly Target[]): void {
    const alike = new Map<string, Target[]>();
    for (const target of targets) {
      const { samplingMs, trigger } = target.signal.address;
      const key = `${samplingMs} ${trigger}`;
      const group = alike.get(key);
      if (group === undefined) alike.set(key, [target]);
      else group.push(target);
    }
    for (const group of alike.values()) this.#monitorAlike(group);
  }

  close(): void {
    this.#closed = true;
    if (this.#again !== null) clearTimeout(this.#again);
  }

  #monitorAlike(targets: readonly Target[]): void {
    const [first] = targets;
    if (first === undefined) return;
    const { samplingMs, trigger } = first.signal.address;
    const asked = samplingMs ?? this.#agreedMs;
    const group = ClientMonitoredItemGroup.create(
      this.#subscription,
      targets.map(({ nodeId }) => ({ nodeId, attributeId: AttributeIds.Value })),
      {
        samplingInterval: asked,
        queueSize: QUEUE_SIZE,
        discardOldest: true,
        ...(trigger === "timestamp" ? { filter: EACH_TIMESTAMP } : {}),
      },
      TimestampsToReturn.Both,
    );
    group.on("changed", (_item, value, index) => {
      const target = targets[index];
      if (target !== undefined) this.#listener.changed(target.signal, value);
    });
    group.on("err", (message) => this.#listener.broken(message));
    group.on("initialized", () => {
      for (const [index, target] of targets.entries()) {
        const item = group.monitoredItems[index];
        // The two highest bits decide: a status such as `GoodOverload` is good.
        const status = item?.statusCode;
        if (status === undefined || status.value >>> 30 !== 0) this.#refuse(target, status?.name ?? "no answer");
        else this.#compare(target, asked, item?.result?.revisedSamplingInterval ?? asked);
      }
    });
  }

  #refuse(target: Target, why: string): void {
    const name = nameOf(target.signal);
    if (!this.#refusals.has(name)) this.#listener.refused(name, `the server answers ${why}`);
    this.#refusals.add(name);
    this.#refused.push(target);
    if (this.#closed) return;
    this.#again ??= setTimeout(() => {
      this.#again = null;
      this.monitor(this.#refused.splice(0));
    }, TRY_AGAIN_MS);
  }

  #compare(target: Target, askedMs: number, agreedMs: number): void {
    if (agreedMs <= askedMs) return;
    this.#listener.notice(
      nameOf(target.signal),
      `asked for a sample each ${askedMs} ms, the server takes one each ${agreedMs} ms`,
    );
  }
}

const EACH_TIMESTAMP = new DataChangeFilter({
  trigger: DataChangeTrigger.StatusValueTimestamp,
  deadbandType: DeadbandType.None,
  deadbandValue: 0,
});

/** Reads the present values of all nodes. */
async function valuesOf(
  session: ClientSession,
  targets: readonly Target[],
  timeoutMs: number,
): Promise<readonly { readonly target: Target; readonly signal: Target["signal"]; readonly value: ReadValue }[]> {
  const found: { target: Target; signal: Target["signal"]; value: ReadValue }[] = [];
  for (let start = 0; start < targets.length; start += READ_NODES_MAX) {
    const some = targets.slice(start, start + READ_NODES_MAX);
    const nodes = some.map(({ nodeId }) => ({ nodeId, attributeId: AttributeIds.Value }));
    const values = await within(session.read(nodes), timeoutMs, "reading");
    for (const [i, target] of some.entries()) {
      const value = values[i];
      if (value !== undefined) found.push({ target, signal: target.signal, value });
    }
  }
  return found;
}

/** Reads all nodes in turn. A value is handed over when it, its quality or its instant differs from the one before. */
export function poll(
  session: ClientSession,
  namespaces: readonly string[],
  signals: Signals,
  { everyMs, timeoutMs }: OpcUaSettings,
  listener: Listener,
): Reading {
  const targets = targetsOf(signals, namespaces, listener);
  const handedOver = new Map<Target, string>();
  const ended = new AbortController();
  const { signal } = ended;
  const round = async (): Promise<void> => {
    const values = await valuesOf(session, targets, timeoutMs);
    if (signal.aborted) return;
    listener.alive();
    for (const { target, value } of values) {
      const said = `${value.statusCode.value} ${value.sourceTimestamp?.getTime()} ${JSON.stringify(valueAt(value, target.signal.address.path))}`;
      if (handedOver.get(target) !== said) listener.changed(target.signal, value);
      handedOver.set(target, said);
    }
  };
  const onFailure = (error: unknown): void => {
    ended.abort();
    listener.broken(error instanceof Error ? error.message : String(error));
  };
  void repeat(round, everyMs, onFailure, signal);
  return { keepAliveMs: everyMs, close: () => ended.abort() };
}

export function nameOf({ machine, signal, address }: Signal<OpcUaAddress>): string {
  return `${machine} ${signal} (${formatNodeName(address.node)})`;
}
