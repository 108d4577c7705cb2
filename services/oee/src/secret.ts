/** Reads a secret: from standard input, or from the person at the terminal, without showing it. */
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { Failure, UsageError } from "./failure.ts";

export async function readSecret(question: string, fromStdin: boolean): Promise<string> {
  const { stdin, stderr } = process;
  if (!fromStdin && !stdin.isTTY) throw new UsageError("expected a terminal to ask at, or --password-stdin");
  if (!fromStdin) stderr.write(question);
  // Nothing of what is typed is shown.
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: silent, terminal: stdin.isTTY && !fromStdin });
  try {
    for await (const line of lines) {
      if (!fromStdin) stderr.write("\n");
      return line;
    }
  } finally {
    lines.close();
  }
  throw new Failure("there is no password: standard input is empty");
}
