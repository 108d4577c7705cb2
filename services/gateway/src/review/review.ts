/** Puts together what the routes of the review share: entries, refused events, and answers of the rules. */
import { joinedPolicy } from "@oee/model";
import { type BaselineEntry, freeze, frozenDocument, periodOf, policiesOf, startOf } from "@oee/review";
import type { FastifyRequest } from "fastify";
import type { RecordOf } from "../answers/open-stops.ts";
import { floor } from "../instants.ts";
import type { GatewayLimits, GatewayOptions, PlantInForce } from "../options.ts";
import type { Review } from "../routes/context.ts";
import type { Turnstile } from "@oee/pacing";
import { type Computed, NewEntries } from "./new-entries.ts";
import { EntryLog } from "./entry-log.ts";
import { presented } from "./presented.ts";
import { RefusedEvents } from "./refused-events.ts";
import { PastPlants } from "./past-plants.ts";
import { atRest } from "./at-rest.ts";
import { type Known, ReviewAnswers } from "./review-answers.ts";

export function reviewOf(
  options: GatewayOptions,
  limits: Pick<GatewayLimits, "maxFutureMs" | "frozenWithinMs">,
  turnstile: Turnstile,
  recordOf: RecordOf,
  seen: (request: FastifyRequest, past: PlantInForce) => PlantInForce,
): Review {
  const { log, topics, clock, store } = options;
  const entries = new EntryLog(log, topics);
  const refused = new RefusedEvents(log, topics);
  const pasts = new PastPlants(entries);
  const pastOf = async (request: FastifyRequest): Promise<PlantInForce> =>
    seen(request, await pasts.of(options.plant()));
  const answers = new ReviewAnswers(options, pastOf, turnstile, recordOf, entries, refused);
  const rest = { store, log, topics, turnstile, recordOf, clock, triedForMs: limits.frozenWithinMs };
  const knownAt = async (now: number): Promise<Known> => answers.known(await pasts.of(options.plant()), now);
  // BL-2: a frozen baseline holds what it was computed from: machines, policy, plant version and position.
  const frozenOf = async (entry: BaselineEntry): ReturnType<Computed["freeze"]> => {
    const { scope, to } = entry;
    const now = floor(clock());
    const signal = new AbortController().signal;
    const frozen = { machines: scope.machines, before: Math.min(now, startOf(scope.timezone, to)) };
    const lookAgain = (): Promise<Known> => knownAt(now);
    const { value: figures, known } = await atRest(rest, frozen, lookAgain, async (found) => {
      const { made, policies } = await answers.ask(found, signal, (facts) => ({
        made: freeze(facts, entry),
        policies: policiesOf(facts, scope, periodOf(scope.timezone, entry)),
      }));
      if ("code" in made) return made;
      if (made.kind !== "computed") throw new Error("a frozen baseline holds components");
      return { ...frozenDocument(made.machines), policy: joinedPolicy(policies) };
    });
    if ("code" in figures) return figures;
    const { position, plant } = known;
    const standing = scope.members.map(({ id }) => id);
    return { frozen: { ...figures, standing, plant: plant.version, position } };
  };
  const newEntries = new NewEntries(entries, clock, limits.maxFutureMs, {
    freeze: frozenOf,
    present: async (entry) => ({ ...(await presented(rest, answers, floor(clock()), knownAt, entry)) }),
  });
  return { entries, refused, newEntries, answers, pasts };
}
