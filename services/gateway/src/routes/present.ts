/** Routes about the present: the plant, the live figures of its scopes, and the latency of events. */
import { Readable } from "node:stream";
import type { Plant, ReasonTree, Scope, Zone } from "@oee/model";
import {
  LATENCY,
  type LatencyAnswer,
  LIVE,
  LIVE_QUERY,
  type LiveQuery,
  PLANT,
  type PlantDescription,
  type PlantReason,
  type PlantTimezones,
} from "@oee/protocol";
import { GiveWay } from "@oee/pacing";
import type { FastifyInstance } from "fastify";
import { liveElement } from "../live/live-element.ts";
import { HttpProblem } from "../problems.ts";
import { answers } from "../schemas.ts";
import { tellReflects } from "../tabular/send-table.ts";
import { type RouteContext, scopeNamed } from "./context.ts";

const PROBLEM_STATUSES = [401, 403, 429, 500];

export function presentRoutes(app: FastifyInstance, context: RouteContext): void {
  const { options, plantOf, pictures, latency, limits, versionOf, attentionOf } = context;

  app.get(
    "/plant",
    {
      schema: {
        summary: "What there is to look at",
        response: answers(
          { 200: { description: "Scopes with parents before children", schema: PLANT } },
          PROBLEM_STATUSES,
        ),
      },
    },
    async (request, reply) => {
      const now = options.clock();
      const pieces = await describePlant(plantOf(request).plant, now);
      const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
      tellReflects(reply, now);
      return reply
        .headers({ "content-type": "application/json; charset=utf-8", "content-length": bytes })
        .send(Readable.from(pieces, { objectMode: false }));
    },
  );

  app.get<{ Querystring: LiveQuery }>(
    "/live",
    {
      schema: {
        summary: "The live picture of scopes now, as the websocket's snapshot",
        querystring: LIVE_QUERY,
        response: answers({ 200: { description: "One element per scope", schema: LIVE } }, [
          400,
          404,
          ...PROBLEM_STATUSES,
        ]),
      },
    },
    async (request, reply) => {
      const inForce = plantOf(request);
      const { plant, model } = inForce;
      const paths = [...new Set(request.query.scope.split(","))];
      if (paths.length > limits.scopesPerSubscriptionMax) {
        throw new HttpProblem(
          "OEE_HTTP_INVALID_PARAMETER",
          `expected at most ${limits.scopesPerSubscriptionMax} scopes`,
        );
      }
      const names = plant.windows.map(({ name }) => name);
      const windows = new Set(request.query.windows?.split(",").filter((name) => name !== "") ?? names);
      const unknown = [...windows].find((name) => !names.includes(name));
      if (unknown !== undefined) {
        throw new HttpProblem(
          "OEE_HTTP_INVALID_PARAMETER",
          `the plant has no window ${JSON.stringify(unknown.slice(0, 80))}; expected any of ${names.join(", ")}`,
        );
      }
      const now = options.clock();
      const scopes = paths.map((path) => scopeNamed(plant, path));
      const giveWay = new GiveWay();
      // Each element becomes text on its own, so that the elements of many scopes, megabytes, are not written in one go.
      const elements: string[] = [];
      for (const scope of scopes) {
        elements.push(await liveElement(model, pictures, scope, windows, now, giveWay, attentionOf(scope)));
        if (giveWay.due) await giveWay.now();
      }
      tellReflects(reply, now);
      const head = JSON.stringify({ emittedAt: now, reflects: pictures.newestEventAt, version: versionOf(inForce) });
      const text = `${head.slice(0, -1)},"elements":[${elements.join(",")}]}`;
      return reply.type("application/json; charset=utf-8").send(text);
    },
  );

  app.get(
    "/latency",
    {
      schema: {
        summary: "Percentiles of each hop from a machine to the screens, in milliseconds, over the last five minutes",
        response: answers(
          {
            200: {
              description:
                "`log`: event to log; `compute`: to its computation; `gateway`: to this gateway; `emit`: to its emission; `total`: the whole way",
              schema: LATENCY,
            },
          },
          PROBLEM_STATUSES,
        ),
      },
    },
    async (_request, reply) => {
      tellReflects(reply, options.clock());
      const answer: LatencyAnswer = { hops: await latency.percentiles() };
      return reply.send(answer);
    },
  );
}

/** The long lists of a plant's description as JSON in UTF-8, made once for a plant: for thousands of machines it takes a while. */
const lists = new WeakMap<Plant, Promise<readonly Buffer[]>>();

const PIECE_CHARACTERS = 64 * 1024;

function listsOf(plant: Plant): Promise<readonly Buffer[]> {
  let pieces = lists.get(plant);
  if (pieces === undefined) lists.set(plant, (pieces = describeLists(plant)));
  return pieces;
}

async function describeLists(plant: Plant): Promise<readonly Buffer[]> {
  const giveWay = new GiveWay();
  const pieces: Buffer[] = [];
  let piece = "";
  for (const text of listTexts(plant)) {
    piece += text;
    if (piece.length >= PIECE_CHARACTERS) {
      pieces.push(Buffer.from(piece));
      piece = "";
    }
    if (giveWay.due) await giveWay.now();
  }
  return [...pieces, Buffer.from(piece)];
}

function* listTexts(plant: Plant): Iterable<string> {
  yield '"scopes":';
  yield* arrayTexts(plant.scopes.values(), describedScope);
  yield ',"reasons":';
  yield* arrayTexts(reasonsOf(plant.reasons, ""), (reason) => reason);
  yield "}";
}

function* arrayTexts<T>(items: Iterable<T>, describe: (item: T) => unknown): Iterable<string> {
  let before = "[";
  for (const item of items) {
    yield before + JSON.stringify(describe(item));
    before = ",";
  }
  yield before === "[" ? "[]" : "]";
}

function describedScope(scope: Scope): PlantDescription["scopes"][number] {
  const { path, kind, name, parent, timezone, rated, unit, decimals, targets, class: className } = scope;
  return {
    ...{ path, kind, name, parent: parent?.path ?? null, timezone: timezone.name, rated },
    ...{ unit, decimals, targets, class: className },
  };
}

/** A `PlantDescription` as JSON in UTF-8, piece by piece. */
async function describePlant(plant: Plant, now: number): Promise<readonly Buffer[]> {
  const described: Omit<PlantDescription, "scopes" | "reasons"> = {
    enterprise: plant.enterprise,
    name: plant.name,
    version: plant.version,
    currency: plant.currency,
    windows: plant.windows.map(({ name }) => name),
    timezones: timezonesOf(plant, now),
  };
  return [Buffer.from(`${JSON.stringify(described).slice(0, -1)},`), ...(await listsOf(plant))];
}

const CLOCKS_KNOWN_MS = 5 * 366 * 86_400_000;

function timezonesOf(plant: Plant, now: number): PlantTimezones {
  const zones = new Set<Zone>([...plant.scopes.values()].map(({ timezone }) => timezone));
  const offsetsOf = (zone: Zone): PlantTimezones["offsets"][string] =>
    zone
      .offsets(now - CLOCKS_KNOWN_MS, now + CLOCKS_KNOWN_MS)
      .map(([from, offsetMs]) => ({ from: Math.floor(from), offsetMs }));
  return {
    release: plant.zoneRelease,
    offsets: Object.fromEntries([...zones].map((zone) => [zone.name, offsetsOf(zone)])),
  };
}

function* reasonsOf(tree: ReasonTree, prefix: string, vagueAbove = false): Iterable<PlantReason> {
  for (const [id, node] of tree.children) {
    const path = `${prefix}${id}`;
    const vague = node.vague ?? vagueAbove;
    yield { path, name: node.name, category: node.category, failure: node.failure, vague };
    yield* reasonsOf(node, `${path}/`, vague);
  }
}
