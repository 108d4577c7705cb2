/** Reviews that were presented (RV-3, RV-4), asked of a gateway: whether their figures are the same now, and the document itself. */
import { createHash } from "node:crypto";
import { Failure } from "../failure.ts";
import { type Ask, asking, type GatewayOptions, withGateway } from "../gateway-client.ts";
import { writeResults } from "../output/standard-output.ts";

interface Difference {
  readonly figure: string;
  readonly presented: unknown;
  readonly now: unknown;
}

/** Prints what differs now, a line each. Throws `Failure` where anything does, or the document is not that of its digest. */
export async function checkPresented(gateway: GatewayOptions, id: string): Promise<void> {
  const [{ digest }, compared] = await withGateway(gateway, async (request) => {
    const ask = asking(request);
    const presented = await presentedAt(ask, id);
    return [presented, await get(ask, `/reviews/${encodeURIComponent(id)}/differences`)] as const;
  });
  const differences = (compared["differences"] ?? []) as readonly Difference[];
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
