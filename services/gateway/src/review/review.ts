/** Puts together what the routes of the review share: entries, refused events, and answers of the rules. */
import { scopePolicy } from "@oee/model";
import { type BaselineEntry, freeze, frozenDocument } from "@oee/review";
import type { FastifyRequest } from "fastify";
import type { RecordOf } from "../answers/open-stops.ts";
import { floor } from "../instants.ts";
import type { GatewayLimits, GatewayOptions, PlantInForce } from "../options.ts";
import type { Review } from "../routes/context.ts";
import type { Turnstile } from "@oee/pacing";
import { type Computed, EntryIntake } from "./entry-intake.ts";
import { EntryLog } from "./entry-log.ts";
import { presented } from "./presented.ts";
import { RefusedEvents } from "./refused-events.ts";
import { PastPlants } from "./past-plants.ts";
import { ReviewAnswers } from "./review-answers.ts";

export function reviewOf(
  options: GatewayOptions,
  limits: Pick<GatewayLimits, "maxFutureMs">,
  turnstile: Turnstile,
  recordOf: RecordOf,
  seen: (request: FastifyRequest, past: PlantInForce) => PlantInForce,
): Review {
  const { log, topics, clock } = options;
  const entries = new EntryLog(log, topics);
  const refused = new RefusedEvents(log, topics);
  const pasts = new PastPlants(entries);
  const pastOf = async (request: FastifyRequest): Promise<PlantInForce> =>
    seen(request, await pasts.of(options.plant()));
  const known = async (): ReturnType<typeof answers.known> =>
    answers.known(await pasts.of(options.plant()), floor(clock()));
  const answers = new ReviewAnswers(options, pastOf, turnstile, recordOf, entries, refused);
  // BL-2: what a baseline was computed from is told with it.
  const frozenOf = async (entry: BaselineEntry): ReturnType<Computed["freeze"]> => {
    const now = await known();
    const figures = await answers.ask(now, new AbortController().signal, (facts) => freeze(facts, entry));
    if ("code" in figures) return figures;
    if (figures.kind !== "computed") throw new Error("a frozen baseline holds components");
    const { position, plant } = now;
    const standing = entry.scope.members.map(({ id }) => id);
    const policy = scopePolicy(plant, entry.scope);
    return { frozen: { ...frozenDocument(figures.machines), standing, policy, plant: plant.version, position } };
  };
  const intake = new EntryIntake(entries, clock, limits.maxFutureMs, {
    freeze: frozenOf,
    present: async (entry) => ({
      ...(await presented(answers, await known(), entry)),
    }),
  });
  return { entries, refused, intake, answers, pasts };
}
