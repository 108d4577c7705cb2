/** The state of a form that is sent: whether it is being sent, and why it was refused. */
import { useState } from "react";
import { changeWho } from "../shared/who.ts";
import { ApiProblem } from "../shared/api/ask.ts";
import { post } from "./data/post.ts";

export interface Sending {
  readonly busy: boolean;
  /** Why it was refused; `null`: it was not. */
  readonly problem: Error | null;
  /** The server's problem; `null` also where the server did not answer. */
  readonly refusal: ApiProblem | null;
  /** Sends the form; resolves with whether it was accepted. The name in `by` is proposed the next time. */
  readonly send: (path: string, body: Readonly<Record<string, unknown>> & { readonly by: string }) => Promise<boolean>;
  /** Clears the refusal. */
  readonly forget: () => void;
}

export function useSending(): Sending {
  const [failure, setFailure] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const send: Sending["send"] = async (path, body) => {
    setBusy(true);
    if (body.by !== "") changeWho(body.by);
    const refused = await post(path, body);
    setBusy(false);
    setFailure(refused);
    return refused === null;
  };
  return {
    busy,
    problem: failure,
    refusal: failure instanceof ApiProblem ? failure : null,
    send,
    forget: () => setFailure(null),
  };
}
