/**
 * What crosses the wire on the websocket (socket.io, namespace `/live`), and what a worker puts on the topic `oee.live`.
 * The client says `subscribe`; the server answers with one `snapshot` and then `update`s that hold only what changed,
 * at most four a second, newest wins. Instants are epoch milliseconds of the server's clock or of event time, as said.
 */
import type { Category, Kpis, PublicComponents, ScopeKind } from "@oee/model";

export interface SubscribeRequest {
  /** Scope paths; `*` is the enterprise. */
  readonly scopes: readonly string[];
  /** Window names of the plant file (PE-3), such as `shift` or `8h`. */
  readonly windows: readonly string[];
  /**
   * Scopes of which every machine is wanted in brief: what it does, without its windows, shift and timeline, its rate to
   * two digits and its last event to the minute. However many machines it has, a scope counts as one.
   */
  readonly machinesOf?: readonly string[];
}

/** Sent by the server for `snapshot` and `update` alike. */
export interface LiveMessage {
  /** Grows by one with each message to this client; a gap means that something was lost. */
  readonly sequence: number;
  /** Server's clock when it was sent. */
  readonly emittedAt: number;
  /** Event time of the newest event that the message reflects; `null` before the first. */
  readonly reflects: number | null;
  /** Changes when the server's build or its plant file changes: a display then reloads itself. */
  readonly version: string;
  /** In a `snapshot` every subscribed scope, in an `update` those that changed, each whole or, as asked for, in brief. */
  readonly elements: readonly LiveElement[];
}

export interface LiveElement {
  readonly scope: string;
  readonly kind: ScopeKind;
  readonly name: string;
  /** IANA zone of the scope's site. */
  readonly timezone: string;
  /** Targets in force, by KPI name. */
  readonly targets: Readonly<Record<string, number>>;
  /** What its quantities are in (CN-5); `null`: its machines have several units, and sums of them mean little. */
  readonly unit: string | null;
  /** Decimals of its quantities: the most that any of its machines has. */
  readonly decimals: number;
  /** Only for machines; for other scopes `null`: read their machines. */
  readonly machine: LiveMachine | null;
  readonly windows: Readonly<Record<string, LiveWindow>>;
  /** Where the running shift so far is known: its name, end and next break, for the scope's first machine. */
  readonly shift: LiveShift | null;
}

export interface LiveMachine {
  readonly state: string;
  readonly category: Category;
  /** Whether the stop it is in is minor so far; `null` when it is in none. */
  readonly minor: boolean | null;
  readonly failure: boolean;
  readonly reason: string | null;
  /** The reason's name in the plant file, else its last part. */
  readonly reasonName: string | null;
  /** Start of the segment (ms, event time). */
  readonly since: number | null;
  /** `at` of the newest event of any kind but corrections. */
  readonly lastEventAt: number | null;
  readonly product: string | null;
  readonly productName: string | null;
  readonly order: string | null;
  /** Planned run time per item in force (s); `null` when unrated. */
  readonly idealCycleSeconds: number | null;
  readonly taktSeconds: number | null;
  /** Whether the machine is scheduled now (CA-4). */
  readonly scheduled: boolean;
  /** The running shift so far, or the last 8 h: contiguous, by time, the newest last. */
  readonly timeline: readonly TimelineSegment[];
  /** Items per hour of operating time over the last quarter of an hour; `null` when it did not operate. */
  readonly rate: number | null;
}

export interface TimelineSegment {
  readonly from: number;
  readonly to: number;
  readonly state: string;
  readonly category: Category;
  readonly minor: boolean;
  readonly reason: string | null;
}

export interface LiveWindow {
  readonly from: number;
  readonly to: number;
  readonly components: PublicComponents;
  readonly kpis: Kpis;
}

export interface LiveShift {
  readonly name: string;
  /** Local date on which it starts, `yyyy-mm-dd`. */
  readonly date: string;
  readonly from: number;
  readonly to: number;
  readonly nextBreak: { readonly from: number; readonly to: number } | null;
}

/** `GET /api/v1/plant`: what there is to look at. */
export interface PlantDescription {
  readonly enterprise: string;
  readonly name: string;
  readonly version: string;
  readonly currency: string | null;
  readonly windows: readonly string[];
  readonly scopes: readonly PlantScope[];
  readonly reasons: readonly PlantReason[];
  readonly timezones: PlantTimezones;
}

/** The offsets of the plant's time zones, sent so that a display uses the server's and not those of its browser. */
export interface PlantTimezones {
  /** The release of IANA's rules, such as `2026f`. */
  readonly release: string;
  /** By zone: changes by time, from five years ago to five years ahead; the first holds for what is before it. */
  readonly offsets: Readonly<Record<string, readonly ClockOffset[]>>;
}

/** The offset from UTC (ms) of a zone's clocks from an instant (epoch ms) on. */
export interface ClockOffset {
  readonly from: number;
  readonly offsetMs: number;
}

export interface PlantScope {
  readonly path: string;
  readonly kind: ScopeKind;
  readonly name: string;
  readonly parent: string | null;
  readonly timezone: string;
  readonly rated: boolean;
  /** What its quantities are in (CN-5); `null`: its machines have several units. */
  readonly unit: string | null;
  /** Of its quantities: the most that any of its machines has. */
  readonly decimals: number;
  readonly targets: Readonly<Record<string, number>>;
}

export interface PlantReason {
  readonly path: string;
  readonly name: string;
  readonly category: Category | null;
  readonly failure: boolean | null;
  /** Whether a stop with this reason still needs one (RS-1). */
  readonly vague: boolean;
}
