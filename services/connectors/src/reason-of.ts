/** What an error says, with what caused it: of `fetch` only the cause says whether a peer refused, was not found or has another certificate. */
export function reasonOf(error: unknown): string {
  const said: string[] = [];
  for (let at: unknown = error; at !== undefined && at !== null; at = at instanceof Error ? at.cause : null) {
    // The error of several attempts, as for each address of a name, has no message of its own.
    const part = at instanceof AggregateError && at.message === "" ? at.errors.map(reasonOf).join(", ") : messageOf(at);
    if (!said.some((text) => text.includes(part))) said.push(part);
  }
  return said.join(": ");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
