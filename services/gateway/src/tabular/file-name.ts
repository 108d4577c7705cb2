/**
 * Names the file as which a browser keeps an answer that is opened by its address: by the route, and by nothing that a
 * caller sends. Answers of the API are never shown as pages.
 */
import type { FastifyRequest } from "fastify";

const names = new Map<string, string>();

/** The header `content-disposition` of an answer, such as `attachment; filename="kpis.csv"`. */
export function fileNameOf({ routeOptions }: FastifyRequest, ending: string): string {
  const key = `${routeOptions.url ?? ""} ${ending}`;
  let name = names.get(key);
  if (name === undefined) {
    const [, first = "answer"] = /^\/api\/v\d+\/([a-z-]+)/.exec(key) ?? [];
    names.set(key, (name = `attachment; filename="${first}.${ending}"`));
  }
  return name;
}
