/** Reviews that were presented (RV-3, RV-4), asked of a gateway: whether their figures are the same now, and the document itself. */
import { createHash } from "node:crypto";
import { Failure, reasonOf } from "../failure.ts";
import { writeResults } from "../output/standard-output.ts";

const TIMEOUT_MS = 120_000;

interface Difference {
  readonly figure: string;
  readonly presented: unknown;
  readonly now: unknown;
}

/** Prints what differs now, a line each. Throws `Failure` where anything does, or the document is not that of its digest. */
export async function checkPresented(url: string, id: string): Promise<void> {
  const { digest } = await presentedAt(url, id);
  const compared = await get(url, `/reviews/${encodeURIComponent(id)}/differences`);
  const differences = (compared["differences"] ?? []) as readonly Difference[];
  await writeResults(differences.map((one) => `${JSON.stringify(one)}\n`));
  if (differences.length > 0) {
    throw new Failure(`${differences.length} figures of review ${id} are others now; they are told above`);
  }
  process.stderr.write(`review ${id} (${digest}): the same figures now\n`);
}

/** Prints the document with its digest, position and sign-offs. Throws `Failure` where the document is not that of its digest. */
export async function exportPresented(url: string, id: string): Promise<void> {
  const { review } = await presentedAt(url, id);
  await writeResults([`${JSON.stringify(review)}\n`]);
}

async function presentedAt(url: string, id: string): Promise<{ readonly digest: string; readonly review: object }> {
  const review = await get(url, `/reviews/${encodeURIComponent(id)}`);
  const { document, digest } = review;
  // The gateway answers the document as JSON; in its canonical form each of its bytes counts.
  const text = typeof document === "string" ? document : JSON.stringify(document);
  const computed = `sha256:${createHash("sha256").update(text, "utf8").digest("hex")}`;
  if (computed !== digest)
    throw new Failure(`review ${id}: its digest is ${String(digest)}, its document's is ${computed}`);
  return { digest: computed, review };
}

async function get(url: string, path: string): Promise<Readonly<Record<string, unknown>>> {
  const address = `${url.replace(/\/$/, "")}/api/v1${path}`;
  let response: Response;
  try {
    response = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    throw new Failure(`cannot reach ${address}: ${reasonOf(error)}`, { cause: error });
  }
  const body = (await response.json().catch(() => ({}))) as Readonly<Record<string, unknown>>;
  if (!response.ok) {
    const { code, detail } = body as { readonly code?: string; readonly detail?: string };
    throw new Failure(`${code ?? response.status}: ${detail ?? address}`);
  }
  return body;
}
