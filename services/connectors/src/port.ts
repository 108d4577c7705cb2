/**
 * The port of connectors: what a protocol gives, and what it may rely on. A source reads one peer and hands over
 * observations of signals; the mapping makes events of them. Delivery: `observed` resolves when the observations are on disk.
 * A protocol acknowledges to its peer only then, so that the peer sends again what was lost.
 */
import type { Fields, Problems, Value } from "@oee/model/settings-file";

/** Whose clock an instant is of: the device's, that of the server before it, or ours at the arrival of the value. */
export type Stamped = "source" | "server" | "arrival";

/**
 * How old a value is: `live` is the present value; `past` is older than values handed over before; `undated`
 * may be old, as a retained message is, so that it gives a state and adds to no count.
 */
export type ValueAge = "live" | "past" | "undated";

/** One value of one signal of a machine. */
export interface Observation {
  /** The machine's id. */
  readonly machine: string;
  /** The name that the mapping gives the signal. */
  readonly signal: string;
  /** `null` with `bad` quality. */
  readonly value: string | number | boolean | null;
  /** `bad`: the peer says that its value means nothing now. */
  readonly quality: "good" | "bad";
  /** Epoch ms. */
  readonly at: number;
  readonly stamped: Stamped;
  readonly age: ValueAge;
  /** Distinguishes it from another observation with the same content and instant, as two rows of a file may be. */
  readonly key?: string;
}

/** Takes documents that were sent to a connection by its name; resolves when their observations are safe. */
export type Receive = (documents: readonly unknown[], sender: Sender) => Promise<Received>;

export interface Sender {
  /** The token that came with the documents. */
  readonly token: string | null;
  /** Whether the gateway's sign-in has let the sender in, so that the connection's token does not matter. */
  readonly admitted: boolean;
}

/** What became of documents; `full`: there is no room on disk, send them again later. */
export type Received =
  | { readonly kind: "taken"; readonly observations: number; readonly refused: readonly RefusedDocument[] }
  | { readonly kind: "unauthorized" }
  | { readonly kind: "full" };

export interface RefusedDocument {
  /** From 0. */
  readonly index: number;
  readonly why: string;
}

/** Names of signals by machine. */
export type SignalsByMachine = ReadonlyMap<string, ReadonlySet<string>>;

export interface SourceHost {
  /**
   * Takes observations in order; resolves when they are safe. Where it rejects, none of them is: hand them over again. `mark`,
   * the place at which reading goes on after them, is kept in the same transaction.
   */
  observed(observations: readonly Observation[], mark?: string): Promise<void>;
  /**
   * As `observed`, of a peer that does not wait until they are safe: they are sent at once, and are on disk within 200 ms unless they
   * were delivered before.
   */
  heard(observations: readonly Observation[]): Promise<void>;
  /** The mark that was kept last, over restarts. */
  readonly mark: string | null;
  /** When the peer last answered before this start of the connector (epoch ms); `null`: it never did. */
  readonly heardBefore: number | null;
  /** Notes a sign of life of the peer; called at each. */
  connected(): void;
  /** Reports that the peer cannot be reached, at each attempt; it is told once until the reason is another one, or the peer was heard. */
  unreachable(why: string): void;
  /** Notes that the peer gave no sign of life since an instant (epoch ms): its machines are `unknown` from then on. Resolves when that is safe. */
  gone(since: number, why: string): Promise<void>;
  /** As `gone`, for some signals alone, by machine, while the peer answers: a machine whose state depends on one of them is `unknown`. */
  signalsGone(signals: SignalsByMachine, since: number, why: string): Promise<void>;
  /** After `gone`: the peer answers again and hands over all values of the time between, so that the machines' states go on from before. */
  back(): Promise<void>;
  /** Reports that values between two instants (epoch ms) may have been lost. */
  gap(from: number, to: number, why: string): void;
  /** Reports something that came and could not be used, and where it came from. */
  refused(what: string, why: string): void;
  /** Reports a signal that the peer told and no machine has, by the name that a connections file would give it. */
  unmapped(signal: string): void;
  /** Reports to the administrator something by which no value is lost, such as a peer that agrees to less than was requested. */
  notice(what: string, why: string): void;
  /** Sets the function that takes documents which are sent to the connection by HTTP. */
  receive(receive: Receive): void;
  /** A dry run: the source must not acknowledge anything to the peer, nor change what the peer keeps for other clients. */
  readonly dry: boolean;
  /** Path of a folder for the protocol's own files; the protocol makes it. */
  readonly folder: string;
  /** Epoch ms. */
  readonly clock: () => number;
}

/**
 * A peer that is read. It reports to its host whether it hears the peer, for states of machines depend on it: `connected` at each sign
 * of life, `gone` when there is none any more, with the instant of the last. At a start `heardBefore` is that instant, and the
 * source reports `gone` since then where the peer keeps nothing for a client that is away. When the peer is heard again, `back`
 * where it hands over all that happened meanwhile, else `gap`.
 */
export interface Source {
  /** Of a peer that has an end, such as a folder of files in a dry run: resolves when all of it has been read. */
  readonly finished?: Promise<void>;
  /** Stops reading; resolves when the peer has been left in order. May be called twice. */
  close(): Promise<void>;
}

/** One kind of peer: how it is written in the connections file, and how it is read. */
export interface Protocol<Settings, Address> {
  /** The protocol's name, as connections write it under `protocol`. */
  readonly name: string;
  /** Keys of a connection besides `protocol` and `machines`, and those of them that must be written. */
  readonly keys: readonly string[];
  readonly required: readonly string[];
  /** The key by which the peer at `url` knows its client, of which it knows only one by each. */
  readonly clientKey?: string;
  /** Reads the settings of a connection; `null` where a problem was said. */
  settingsOf(fields: Fields<string>, context: SettingsContext): Settings | null;
  /** Reads where a signal is found at the peer; `null` where a problem was said. */
  addressOf(value: Value, context: SettingsContext): Address | null;
  /** What is wrong with a running total at an address, and what to write; `null`: nothing is known to be. */
  readonly totalHint?: (address: Address) => string | null;
  /** Where a running total at an address starts again at 0 because of its width; `null`: it is wide enough. */
  readonly wrapsAt?: (address: Address) => number | null;
  /** Begins reading, and goes on over every loss of the connection until it is closed. */
  open(settings: Settings, signals: readonly Signal<Address>[], host: SourceHost): Source;
}

export type Counting = "total" | "delta";

export interface Signal<Address> {
  readonly machine: string;
  readonly signal: string;
  readonly address: Address;
  /** Whether the mapping takes the signal for a running total or for a quantity; `null`: it counts nothing by it. */
  readonly counts: Counting | null;
  /** Whether the mapping takes its values for numbers: those that count, a job's ideal cycle and pieces per count. */
  readonly isNumber: boolean;
}

export interface SettingsContext {
  readonly problems: Problems;
  /** The text of a secret: written as it is, `{ env: NAME }` or `{ file: PATH }`; `null` where a problem was said. */
  secretOf(value: Value): string | null;
}
