/**
 * Writes what sources observe as lines of a file, and reads them again in place of the peer, to examine a peer that
 * cannot be reached. The lines hold no address, user or password, and, unless all is requested, no text of a signal
 * that the mapping does not use, because it may name people.
 */
import type { Connection } from "./connections-file.ts";
import { signalsOf } from "./mapping/mapping.ts";
import type { Observation, Source, SourceHost } from "./port.ts";

/** One thing that a source said; `clock`: ours then (epoch ms). */
export type Recorded = { readonly connection: string; readonly clock: number } & Said;

type Said =
  | { readonly said: "observed"; readonly observations: readonly Observation[] }
  | { readonly said: "connected" | "back" }
  | { readonly said: "gone"; readonly since: number; readonly why: string }
  | {
      readonly said: "signalsGone";
      readonly signals: Readonly<Record<string, readonly string[]>>;
      readonly since: number;
      readonly why: string;
    }
  | { readonly said: "gap"; readonly from: number; readonly to: number; readonly why: string }
  | { readonly said: "refused"; readonly what: string; readonly why: string };

const HIDDEN = "…";

/** A host that writes down what a source tells it, and passes it on. `all`: also texts that may name people. */
export function recordingHost(
  host: SourceHost,
  connection: Connection,
  all: boolean,
  take: (recorded: Recorded) => void,
): SourceHost {
  const used = new Map(connection.mappings.map((mapping) => [mapping.machine, signalsOf(mapping)]));
  const note = (said: Said): void => take({ connection: connection.name, clock: host.clock(), ...said });
  const shown = (observation: Observation): Observation =>
    all || typeof observation.value !== "string" || used.get(observation.machine)?.has(observation.signal) === true
      ? observation
      : { ...observation, value: HIDDEN };
  return {
    ...host,
    observed: (observations, mark) => {
      note({ said: "observed", observations: observations.map(shown) });
      return host.observed(observations, mark);
    },
    heard: (observations) => {
      note({ said: "observed", observations: observations.map(shown) });
      return host.heard(observations);
    },
    connected: () => {
      note({ said: "connected" });
      host.connected();
    },
    back: () => {
      note({ said: "back" });
      return host.back();
    },
    gone: (since, why) => {
      note({ said: "gone", since, why });
      return host.gone(since, why);
    },
    signalsGone: (signals, since, why) => {
      const named = [...signals].map(([machine, names]) => [machine, [...names]] as const);
      note({ said: "signalsGone", signals: Object.fromEntries(named), since, why });
      return host.signalsGone(signals, since, why);
    },
    gap: (from, to, why) => {
      note({ said: "gap", from, to, why });
      host.gap(from, to, why);
    },
    refused: (what, why) => {
      // `why` may hold a part of the value, which may name people.
      note({ said: "refused", what: all ? what : HIDDEN, why: all ? why : HIDDEN });
      host.refused(what, why);
    },
  };
}

/** A connection that reads what was recorded of it in place of its peer. `tick` sets the clock (epoch ms) to that of the recording. */
export function replayed(
  connection: Connection,
  lines: readonly Recorded[],
  tick: (clock: number) => void,
): Connection {
  const own = lines.filter((line) => line.connection === connection.name);
  const open = (_settings: unknown, _signals: unknown, host: SourceHost): Source => {
    const finished = sayAgain(own, host, tick);
    return { finished, close: () => finished };
  };
  return { ...connection, protocol: { ...connection.protocol, open } };
}

async function sayAgain(lines: readonly Recorded[], host: SourceHost, tick: (clock: number) => void): Promise<void> {
  for (const line of lines) {
    tick(line.clock);
    switch (line.said) {
      case "observed":
        await host.observed(line.observations);
        break;
      case "connected":
        host.connected();
        break;
      case "back":
        await host.back();
        break;
      case "gone":
        await host.gone(line.since, line.why);
        break;
      case "signalsGone": {
        const named = Object.entries(line.signals).map(([machine, names]) => [machine, new Set(names)] as const);
        await host.signalsGone(new Map(named), line.since, line.why);
        break;
      }
      case "gap":
        host.gap(line.from, line.to, line.why);
        break;
      case "refused":
        host.refused(line.what, line.why);
    }
  }
}
