/** Who is signed in at this server, if people sign in there at all. Asked once for a page. */
import { useEffect, useState } from "react";
import { changeWho } from "../who.ts";
import { apiUrl, ask } from "./ask.ts";

export interface Session {
  /** Whether people sign in: then the server knows who enters what. */
  readonly signIn: boolean;
  /** `null`: nobody is. */
  readonly name: string | null;
  /** What answers show as who entered what they enter; `null`: nobody is signed in. */
  readonly by: string | null;
  /** What they may do, each for a scope and below. */
  readonly roles: readonly { readonly role: string; readonly scope: string }[];
}

let asked: Promise<Session> | null = null;

async function session(): Promise<Session> {
  asked ??= ask<Session>(apiUrl("/session")).then(({ body }) => {
    // By this the page knows its own entries again, without network too.
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

/** `null`: not known yet, as without network. */
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

/** What is put in, without `by` where people sign in: the server knows who it is, and takes nobody's word for it. */
export async function signed(body: { readonly by?: string }): Promise<object> {
  const { by: _, ...rest } = body;
  return (await session()).signIn ? rest : body;
}
