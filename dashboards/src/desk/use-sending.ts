/** A form that is sent: busy meanwhile, and then with the words of whoever refused it. */
import { useState } from "react";
import { changeWho } from "../reasons/who.ts";
import { post } from "./data/post.ts";

export interface Sending {
  readonly busy: boolean;
  /** `null`: nothing was refused. */
  readonly problem: string | null;
  /** Whether it was taken. The name in `by` is proposed the next time. */
  readonly send: (path: string, body: Readonly<Record<string, unknown>> & { readonly by: string }) => Promise<boolean>;
}

export function useSending(): Sending {
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const send: Sending["send"] = async (path, body) => {
    setBusy(true);
    if (body.by !== "") changeWho(body.by);
    const refused = await post(path, body);
    setBusy(false);
    setProblem(refused);
    return refused === null;
  };
  return { busy, problem, send };
}
