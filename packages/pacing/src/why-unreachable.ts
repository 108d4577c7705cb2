/** What `fetch` says whatever its cause is. */
const EMPTY = "fetch failed";
const UNTRUSTED: ReadonlySet<unknown> = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/**
 * What an error of a request says, with what caused it, which alone says whether the peer refused or was not found. Where its certificate is not
 * trusted, it says what to do.
 */
export function whyUnreachable(error: unknown): string {
  const said: string[] = [];
  let advice = "";
  for (let at: unknown = error; at !== undefined && at !== null; at = at instanceof Error ? at.cause : null) {
    const part = messageOf(at);
    if (!said.some((text) => text.includes(part))) said.push(part);
    if (at instanceof Error && "code" in at && UNTRUSTED.has(at.code)) {
      advice = " (NODE_EXTRA_CA_CERTS=FILE names the certificate, or that of who signed it, as PEM)";
    }
  }
  const telling = said.length > 1 && said[0] === EMPTY ? said.slice(1) : said;
  return `${telling.join(": ")}${advice}`;
}

function messageOf(error: unknown): string {
  // The error of several attempts, as for each address of a name, has no message of its own.
  if (error instanceof AggregateError && error.message === "") return error.errors.map(whyUnreachable).join(", ");
  return error instanceof Error ? error.message : String(error);
}
