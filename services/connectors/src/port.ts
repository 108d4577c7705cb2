/**
 * The port of connectors: what a protocol gives, and what it may rely on. A source reads one peer and hands over
 * observations of signals; the mapping makes events of them. Delivery: `observed` resolves when what was handed over is on
 * disk, so a protocol acknowledges to its peer only then, and what it did not acknowledge comes again.
 */
import type { Fields, Problems, Value } from "@oee/model/settings-file";

/** Where an instant comes from: the device, the server that speaks for it, or when we heard of it. */
export type Stamped = "source" | "server" | "arrival";

/**
 * What a value is beside the present: `past` happened before what was told already, and is not the present value; `undated`
 * may be old, as a retained message is: it tells a state and counts nothing.
 */
export type Standing = "live" | "past" | "undated";

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
  readonly standing: Standing;
  /** Tells it from another that says the same at the same instant, as two rows of a file may. */
  readonly key?: string;
}

/** Takes documents that were sent to a connection by its name; resolves when what they say is safe. */
export type Receive = (documents: readonly unknown[], sender: Sender) => Promise<Received>;

export interface Sender {
  /** What was shown as the connection's token. */
  readonly token: string | null;
  /** Whether the gateway's sign-in has let the sender in, so that the connection's token does not matter. */
  readonly admitted: boolean;
}

/** `full`: there is no room on disk, they should be sent again later. */
export type Received =
  | { readonly kind: "taken"; readonly observations: number; readonly refused: readonly RefusedDocument[] }
  | { readonly kind: "unauthorized" }
  | { readonly kind: "full" };

export interface RefusedDocument {
  /** From 0. */
  readonly index: number;
  readonly why: string;
}

export interface SourceHost {
  /**
   * Takes observations in order; resolves when they are safe. Rejected: nothing of them is, hand them over again. `mark` says
   * where reading goes on after them, and is kept with them: either both are safe or none is.
   */
  observed(observations: readonly Observation[], mark?: string): Promise<void>;
  /** The mark that was kept last, over restarts. */
  readonly mark: string | null;
  /** When the connector last heard of this peer before it was started (epoch ms); `null`: it never did. */
  readonly heardBefore: number | null;
  /** The peer answers: told at each sign of life. */
  connected(): void;
  /** No sign of life since an instant (epoch ms): the machines are `unknown` from then on. Resolves when that is safe. */
  gone(since: number, why: string): Promise<void>;
  /** The same of some machines alone, while the peer answers. */
  machinesGone(machines: ReadonlySet<string>, since: number, why: string): Promise<void>;
  /** After `gone`: the peer answers again, and tells all that happened meanwhile. What was so before holds on. */
  back(): Promise<void>;
  /** Values may have been lost between two instants (epoch ms). */
  gap(from: number, to: number, why: string): void;
  /** What came and could not be used, with where. */
  refused(what: string, why: string): void;
  /** Reports to the administrator what loses nothing: a peer that agreed to less than was requested. */
  told(what: string, why: string): void;
  /** What is sent to the connection by HTTP goes there. */
  receive(receive: Receive): void;
  /** A dry run: the source must not acknowledge anything to the peer, nor change what the peer keeps for other clients. */
  readonly dry: boolean;
  /** A folder of the protocol's own, for what it keeps as files. Not made yet. */
  readonly folder: string;
  /** Epoch ms. */
  readonly clock: () => number;
}

export interface Source {
  /** Resolves when all that there was has been read, of a peer that has an end. */
  readonly finished?: Promise<void>;
  /** Stops reading; resolves when the peer has been left in order. May be called twice. */
  close(): Promise<void>;
}

/** One kind of peer: how it is written in the connections file, and how it is read. */
export interface Protocol<Settings, Address> {
  /** As it is written in `protocol`. */
  readonly name: string;
  /** Keys of a connection besides `protocol` and `machines`, and those of them that must be written. */
  readonly keys: readonly string[];
  readonly required: readonly string[];
  /** Reads the settings of a connection; `null` where a problem was said. */
  settingsOf(fields: Fields<string>, context: SettingsContext): Settings | null;
  /** Reads where a signal is found at the peer; `null` where a problem was said. */
  addressOf(value: Value, context: SettingsContext): Address | null;
  /** Begins reading, and goes on over every loss of the connection until it is closed. */
  open(settings: Settings, signals: readonly Signal<Address>[], host: SourceHost): Source;
}

export type Counting = "total" | "delta";

export interface Signal<Address> {
  readonly machine: string;
  readonly signal: string;
  readonly address: Address;
  /** How the mapping counts with it; `null`: it does not. */
  readonly counts: Counting | null;
}

export interface SettingsContext {
  readonly problems: Problems;
  /** The text of a secret: written as it is, `{ env: NAME }` or `{ file: PATH }`; `null` where a problem was said. */
  secretOf(value: Value): string | null;
}
