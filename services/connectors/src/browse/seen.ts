/** One signal that a peer offers, as a connections file would name it. */
export interface Seen {
  /** The protocol and the settings of a connection that reads it. */
  readonly protocol: string;
  /** What it belongs to, and may be a machine: the path of an object, the topic above, a device. */
  readonly group: string;
  readonly name: string;
  /** As a connections file has it. */
  readonly address: string | Readonly<Record<string, unknown>>;
  readonly value: string | number | boolean | null;
}

/** What a peer offers. */
export interface Listed {
  readonly seen: readonly Seen[];
  /** Whether that is all: of very many the first are listed. */
  readonly isWhole: boolean;
}
