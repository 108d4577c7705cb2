/** A form that is sent: busy meanwhile, and then with the words of whoever refused it. */
import { useState } from "react";
import { changeWho } from "../shared/who.ts";
import { ApiProblem } from "../shared/api/ask.ts";
import { post } from "./data/post.ts";

export interface Sending {
  readonly busy: boolean;
  /** `null`: nothing was refused. */
  readonly problem: string | null;
  /** The same as the server told it; `null` also where it did not answer. */
  readonly refusal: ApiProblem | null;
  /** Whether it was taken. The name in `by` is proposed the next time. */
  readonly send: (path: string, body: Readonly<Record<string, unknown>> & { readonly by: string }) => Promise<boolean>;
  /** What was refused no longer matters. */
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
    problem: failure === null ? null : failure.message,
    refusal: failure instanceof ApiProblem ? failure : null,
    send,
    forget: () => setFailure(null),
  };
}
