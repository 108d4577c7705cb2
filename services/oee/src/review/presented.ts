/** Reviews that were presented (RV-3, RV-4), asked of a gateway: whether their figures are the same now, and the document itself. */
import { createHash } from "node:crypto";
import { Failure } from "../failure.ts";
import { type Ask, asking, type GatewayOptions, withGateway } from "../gateway-client.ts";
import { writeResults } from "../output/standard-output.ts";

/** Why a gateway does not compute a review again. */
const UNANSWERED = ["OEE_HTTP_EVENTS_GONE", "OEE_HTTP_TOO_MANY_ELEMENTS"];

interface Difference {
  readonly figure: string;
  readonly presented: unknown;
  readonly now: unknown;
}

/**
 * Prints what differs now, a line each, and says whether the review comes out the same at its position (RV-4). Throws `Failure`
 * where anything differs now, or the document is not that of its digest.
 */
export async function checkPresented(gateway: GatewayOptions, id: string): Promise<void> {
  const [{ digest }, compared, again] = await withGateway(gateway, async (request) => {
    const ask = asking(request);
    const presented = await presentedAt(ask, id);
    const path = `/reviews/${encodeURIComponent(id)}/differences`;
    return [presented, await get(ask, path), await atPosition(ask, `${path}?at=position`)] as const;
  });
  const differences = (compared["differences"] ?? []) as readonly Difference[];
  process.stderr.write(`review ${id} (${digest}): computed again at its position: ${again}\n`);
  await writeResults(differences.map((one) => `${JSON.stringify(one)}\n`));
  if (differences.length > 0) {
    throw new Failure(`${differences.length} figures of review ${id} are others now; they are told above`);
  }
  process.stderr.write(`review ${id} (${digest}): the same figures now\n`);
}

/** Prints the document with its digest, position and sign-offs. Throws `Failure` where the document is not that of its digest. */
export async function exportPresented(gateway: GatewayOptions, id: string): Promise<void> {
  const { review } = await withGateway(gateway, (request) => presentedAt(asking(request), id));
  await writeResults([`${JSON.stringify(review)}\n`]);
}

/** In words; events that are gone, or too many, are no failure. */
async function atPosition(ask: Ask, path: string): Promise<string> {
  try {
    const { differences, since } = await get(ask, path);
    const count = (differences as readonly Difference[]).length;
    if (count === 0) return "the same, byte for byte";
    const { plant } = since as { readonly plant: { readonly presented: string; readonly now: string } };
    const why =
      plant.presented === plant.now ? "" : `, with plant file ${plant.now} in the place of ${plant.presented}`;
    return `${count} figures are others${why}`;
  } catch (error) {
    const isTold = error instanceof Failure && UNANSWERED.some((code) => error.message.startsWith(code));
    if (isTold) return `not possible: ${error.message}`;
    throw error;
  }
}

async function presentedAt(ask: Ask, id: string): Promise<{ readonly digest: string; readonly review: object }> {
  const review = await get(ask, `/reviews/${encodeURIComponent(id)}`);
  const { document, digest } = review;
  // The gateway answers the document as JSON; in its canonical form each of its bytes counts.
  const text = typeof document === "string" ? document : JSON.stringify(document);
  const computed = `sha256:${createHash("sha256").update(text, "utf8").digest("hex")}`;
  if (computed !== digest)
    throw new Failure(`review ${id}: its digest is ${String(digest)}, its document's is ${computed}`);
  return { digest: computed, review };
}

async function get(ask: Ask, path: string): Promise<Readonly<Record<string, unknown>>> {
  return (await ask("GET", path)) as Readonly<Record<string, unknown>>;
}
