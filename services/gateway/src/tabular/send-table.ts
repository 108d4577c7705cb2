/**
 * Sends records in the format that `Accept` prefers: JSON (the default), CSV or an Arrow stream. They are sent in pieces: a
 * piece is made when the one before was handed to the socket, and between two pieces other work has the event loop.
 */
import { Readable } from "node:stream";
import type { Period } from "@oee/calendar";
import { formatInstant } from "@oee/model";
import { GiveWay } from "@oee/pacing";
import type { FastifyReply, FastifyRequest } from "fastify";
import { JsonBytes, jsonPiece } from "../json-bytes.ts";
import { HttpProblem } from "../problems.ts";
import { answers } from "../schemas.ts";
import { ArrowStream } from "./arrow.ts";
import type { Column, Layout } from "./columns.ts";
import { csvFormat } from "./csv.ts";
import { fileNameOf } from "./file-name.ts";
import { AROUND, jsonFormat } from "./json.ts";
import type { TextFormat } from "./text-format.ts";

const TYPES = {
  "application/json": "json",
  "text/csv": "csv",
  "application/vnd.apache.arrow.stream": "arrow",
} as const;

export const TABLE_TYPES: readonly string[] = Object.keys(TYPES);

export type Format = (typeof TYPES)[keyof typeof TYPES];

const PIECE_CHARACTERS = 64 * 1024;
/** Pieces of bytes, in memory of 256 KiB: to hand one over, through streams and socket, costs as much as several elements. */
const PIECE_BYTES = 252 * 1024;

/** The statuses of the problems that a route may answer in place of a table. */
export const TABLE_PROBLEMS: readonly number[] = [400, 401, 403, 404, 406, 429, 500, 503];

/** The documented answers of a route that sends a table by `sendTable`, with what it covers in headers. `items`: the schema of a row in JSON. */
export function tableAnswers(description: string, items: object, example?: unknown): ReturnType<typeof answers> {
  const more = "`oee-reflects`, `oee-from` and `oee-to` name the instant and the period it speaks of";
  const schema = { type: "array", items };
  return answers(
    { 200: { description: `${description}; ${more}`, types: TABLE_TYPES, schema, example } },
    TABLE_PROBLEMS,
  );
}

/** The period and instant of an answer (epoch ms); each goes into a header. */
export interface Covered {
  /** The instant up to which the answer is known. */
  readonly reflects: number;
  readonly from: number;
  readonly to: number;
}

/** The format that a request prefers. Throws `HttpProblem` where it accepts none of those that there are. */
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

/** Lists of records, one after another. */
export type Records<R> = AsyncIterable<readonly R[]> | Iterable<readonly R[]>;

/** Sends records. `shown` is applied to each piece of text, which holds whole records. `covered` is `null` where its headers are set already. */
export function sendTable<R>(
  reply: FastifyReply,
  format: Format,
  records: Records<R>,
  layout: Layout<R>,
  covered: Covered | null,
  shown?: (text: string) => string,
): FastifyReply {
  if (covered !== null) tellCovered(reply, covered);
  const type = Object.entries(TYPES).find(([, offered]) => offered === format)?.[0] ?? "application/json";
  if (format !== "json") void reply.header("content-disposition", fileNameOf(reply.request, format));
  void reply.header("vary", "accept").type(format === "arrow" ? type : `${type}; charset=utf-8`);
  return reply.send(Readable.from(piecesOf(format, records, layout, shown), { objectMode: false }));
}

function piecesOf<R>(
  format: Format,
  records: Records<R>,
  { json, columns, writer }: Layout<R>,
  shown?: (text: string) => string,
): AsyncGenerator<string | Uint8Array> {
  if (format === "arrow") return arrowPieces(records, columns);
  if (format === "csv") return textPieces(records, csvFormat(columns), shown);
  if (writer !== undefined && shown === undefined) return bytePieces(records, writer());
  return textPieces(records, jsonFormat(json), shown);
}

function tellCovered(reply: FastifyReply, { reflects, from, to }: Covered): void {
  tellReflects(reply, reflects);
  tellSpan(reply, { from, to });
}

/** Sets the headers with the instants between which an answer speaks. */
export function tellSpan(reply: FastifyReply, { from, to }: Period): void {
  void reply.header("oee-from", formatInstant(from)).header("oee-to", formatInstant(to));
}

/** Sets the header with the instant that an answer reflects. */
export function tellReflects(reply: FastifyReply, instant: number): void {
  void reply.header("oee-reflects", formatInstant(instant));
}

async function* textPieces<R>(
  records: Records<R>,
  { head, textOf, tailOf }: TextFormat<R>,
  shown: (text: string) => string = (text) => text,
): AsyncGenerator<string> {
  const giveWay = new GiveWay();
  let piece = head;
  let count = 0;
  for await (const list of records) {
    for (const record of list) {
      piece += textOf(record, count++);
      if (piece.length >= PIECE_CHARACTERS) {
        yield shown(piece);
        piece = "";
      }
      if (giveWay.due) await giveWay.now();
    }
  }
  yield shown(piece + tailOf(count));
}

const HEAD = jsonPiece(AROUND.head);
const FIRST = jsonPiece(AROUND.first);
const NEXT = jsonPiece(AROUND.next);
const LAST = jsonPiece(AROUND.last);
const NONE = jsonPiece(AROUND.none);

/** The text of `jsonFormat`, as bytes. */
async function* bytePieces<R>(
  records: Records<R>,
  write: (out: JsonBytes, record: R) => void,
): AsyncGenerator<Uint8Array> {
  const giveWay = new GiveWay();
  const out = new JsonBytes().piece(HEAD);
  let separator = FIRST;
  for await (const list of records) {
    for (const record of list) {
      write(out.piece(separator), record);
      separator = NEXT;
      if (out.at >= PIECE_BYTES) yield out.take();
      if (giveWay.due) await giveWay.now();
    }
  }
  yield out.piece(separator === FIRST ? NONE : LAST).written;
}

async function* arrowPieces<R>(records: Records<R>, columns: readonly Column<R>[]): AsyncGenerator<Uint8Array> {
  const giveWay = new GiveWay();
  const stream = new ArrowStream(columns);
  for await (const list of records) {
    for (const record of list) {
      for (const piece of stream.add(record)) yield piece;
      if (giveWay.due) await giveWay.now();
    }
  }
  for (const piece of stream.end()) yield piece;
}
