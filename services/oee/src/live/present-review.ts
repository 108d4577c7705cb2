/** Presents the review of the simulated past and signs it, over the gateway's own routes. */
import type { EntriesTaken } from "@oee/protocol";
import type { DemoReview } from "@oee/simulator";

/** `POST` to a route, with the status that it answers and its text. */
export type Posting = (
  url: string,
  body: Readonly<Record<string, unknown>>,
) => Promise<{ readonly status: number; readonly text: string }>;

/** Twice it is presented once: the second time its name is taken. Throws where it is refused. */
export async function presentReview(review: DemoReview, post: Posting): Promise<void> {
  const { signedBy, ...presented } = review;
  const answer = await post("/api/v1/reviews", presented);
  if (answer.status === 409) return;
  if (answer.status >= 300) throw new Error(answer.text);
  const { entries } = JSON.parse(answer.text) as EntriesTaken;
  const { digest, rev = 1 } = entries[0] ?? {};
  const signed = await post(`/api/v1/reviews/${encodeURIComponent(review.id)}/sign-offs`, {
    ...signedBy,
    digest,
    rev: rev + 1,
  });
  if (signed.status >= 300) throw new Error(signed.text);
}
