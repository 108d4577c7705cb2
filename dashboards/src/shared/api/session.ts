/** The person signed in at this server, if people sign in there at all. A page asks for it once, and before it sends what was kept. */
import { useEffect, useState } from "react";
import { changeWho } from "../who.ts";
import { apiUrl, ask } from "./ask.ts";

export interface Session {
  /** Whether people sign in at this server; then it knows who sends a request. */
  readonly signIn: boolean;
  /** The person's name; `null`: nobody is signed in. */
  readonly name: string | null;
  /** The text that answers have in `by` for entries of this person; `null`: nobody is signed in. */
  readonly by: string | null;
  /** The person's roles, each for a scope and all below it. */
  readonly roles: readonly { readonly role: string; readonly scope: string }[];
}

let asked: Promise<Session> | null = null;

async function session(): Promise<Session> {
  asked ??= ask<Session>(apiUrl("/session")).then(({ body }) => {
    // Kept in the browser, so that the page knows its own entries by `by`, also without network.
    if (body.signIn && body.by !== null) changeWho(body.by);
    return body;
  });
  try {
    return await asked;
  } catch (error) {
    asked = null;
    throw error;
  }
}

/** The session of this page; `null`: not known yet, or there is no network. */
export function useSession(): Session | null {
  const [known, setKnown] = useState<Session | null>(null);
  useEffect(() => {
    let gone = false;
    session().then(
      (found) => {
        if (!gone) setKnown(found);
      },
      () => undefined,
    );
    return () => {
      gone = true;
    };
  }, []);
  return known;
}

/** The body of an entry, without `by` where people sign in: the server sets it to the person signed in. */
export async function signed(body: { readonly by?: string }): Promise<object> {
  const { by: _, ...rest } = body;
  return (await session()).signIn ? rest : body;
}

/**
 * `by` of the person who is signed in now, empty where nobody is; `null`: people do not sign in at this server. Asked anew, for
 * somebody else may have signed in on another page of this browser, as whom the server takes what this one sends.
 */
export async function personNow(): Promise<string | null> {
  asked = null;
  const { signIn, by } = await session();
  return signIn ? (by ?? "") : null;
}
