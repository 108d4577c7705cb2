/** How alerts are sent, and how often the keeper looks. */

/** An address by which a role is reached. */
export type Receiver =
  | { readonly by: "email"; readonly to: string }
  /** `secret`: the key by which its messages are signed; `null`: they are not signed. */
  | { readonly by: "webhook"; readonly to: string; readonly secret: string | null };

export interface MailServer {
  /** `smtp://USER:PASSWORD@HOST:PORT`, or `smtps://`. */
  readonly url: string;
  readonly from: string;
}

/** The addresses of roles, and what messages need besides. They may change while the gateway runs. */
export interface Addresses {
  readonly roles: ReadonlyMap<string, readonly Receiver[]>;
  readonly mail: MailServer | null;
  /** The address that links in messages begin with; `null`: messages have no links. */
  readonly url: string | null;
}

export const NO_ADDRESSES: Addresses = { roles: new Map(), mail: null, url: null };

export interface KeeperOptions {
  readonly addresses: () => Addresses;
  /** No message is sent for a step that was due longer ago than this (ms, AL-4). */
  readonly tooLateMs: number;
  /** The pause (ms) between two searches for alerts; `null`: they are searched only on request. */
  readonly lookEveryMs: number | null;
}

export const TOO_LATE_MS: number = 3_600_000;
export const LOOK_EVERY_MS = 5_000;
