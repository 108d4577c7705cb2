/** How alerts are sent, and how often the keeper looks. */

/** One way to reach a role. */
export type Receiver =
  | { readonly by: "email"; readonly to: string }
  /** `secret`: what its messages are signed with; `null`: they are not. */
  | { readonly by: "webhook"; readonly to: string; readonly secret: string | null };

export interface MailServer {
  /** `smtp://USER:PASSWORD@HOST:PORT`, or `smtps://`. */
  readonly url: string;
  readonly from: string;
}

/** Where roles are reached. It may change while the gateway runs. */
export interface Addresses {
  readonly roles: ReadonlyMap<string, readonly Receiver[]>;
  readonly mail: MailServer | null;
  /** What links in messages begin with; `null`: they have none. */
  readonly url: string | null;
}

export const NO_ADDRESSES: Addresses = { roles: new Map(), mail: null, url: null };

export interface KeeperOptions {
  readonly addresses: () => Addresses;
  /** AL-4: a step that was due longer ago pages no one. */
  readonly tooLateMs: number;
  /** The pause (ms) between two searches for alerts; `null`: they are searched only on request. */
  readonly lookEveryMs: number | null;
}

export const TOO_LATE_MS: number = 3_600_000;
export const LOOK_EVERY_MS = 5_000;
