/** Sends records in the format that `Accept` prefers: JSON (the default), CSV, or an Arrow stream; piece by piece. */
import { Readable } from "node:stream";
import { formatInstant } from "@oee/model";
import type { FastifyReply, FastifyRequest } from "fastify";
import { HttpProblem } from "../problems.ts";
import { arrowOf } from "./arrow.ts";
import type { Layout } from "./columns.ts";
import { csvOf } from "./csv.ts";
import { jsonOf } from "./json.ts";

const TYPES = {
  "application/json": "json",
  "text/csv": "csv",
  "application/vnd.apache.arrow.stream": "arrow",
} as const;

export const TABLE_TYPES: readonly string[] = Object.keys(TYPES);

type Format = (typeof TYPES)[keyof typeof TYPES];

const PIECE_CHARACTERS = 64 * 1024;

/** What an answer speaks of; each goes into a header. Epoch ms. */
export interface Covered {
  /** The instant up to which it is known. */
  readonly reflects: number;
  readonly from: number;
  readonly to: number;
}

/** Throws `HttpProblem` where none of what is accepted can be given. */
export function formatOf(request: FastifyRequest): Format {
  const wanted = (request.headers.accept ?? "*/*")
    .split(",")
    .map((range) => {
      const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
      const weight = parameters.find((parameter) => parameter.startsWith("q="));
      return { type, weight: weight === undefined ? 1 : Number(weight.slice(2)) || 0 };
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
  for (const { type } of wanted) {
    for (const [offered, format] of Object.entries(TYPES)) {
      if (type === offered || type === "*/*" || type === `${offered.split("/", 1)[0]}/*`) return format;
    }
  }
  throw new HttpProblem("OEE_HTTP_NOT_ACCEPTABLE", `expected Accept to allow one of ${TABLE_TYPES.join(", ")}`);
}

export function sendTable<R>(
  reply: FastifyReply,
  format: Format,
  records: Iterable<R>,
  layout: Layout<R>,
  covered: Covered,
): FastifyReply {
  tellCovered(reply, covered);
  const type = Object.entries(TYPES).find(([, offered]) => offered === format)?.[0] ?? "application/json";
  void reply.header("vary", "accept").type(format === "arrow" ? type : `${type}; charset=utf-8`);
  if (format === "arrow") return reply.send(Readable.from(arrowOf(records, layout.columns), { objectMode: false }));
  const pieces = format === "csv" ? csvOf(records, layout.columns) : jsonOf(records, layout.json);
  return reply.send(Readable.from(joined(pieces), { objectMode: false }));
}

function tellCovered(reply: FastifyReply, { reflects, from, to }: Covered): void {
  tellReflects(reply, reflects);
  void reply.header("oee-from", formatInstant(from)).header("oee-to", formatInstant(to));
}

/** Every answer says which instant it reflects. */
export function tellReflects(reply: FastifyReply, instant: number): void {
  void reply.header("oee-reflects", formatInstant(instant));
}

function* joined(texts: Iterable<string>): Iterable<string> {
  let piece = "";
  for (const text of texts) {
    piece += text;
    if (piece.length < PIECE_CHARACTERS) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}
