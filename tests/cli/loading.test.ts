/** Commands load what they use: servers, Kafka and Arrow are for those that run them. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { OEE } from "./oee.ts";

/** Prints the address of each module that is loaded. */
const TELL_LOADED = `data:text/javascript,${encodeURIComponent(`
import { register } from "node:module";
const hook = 'import { writeSync } from "node:fs"; export const load = (url, context, next) => (writeSync(2, url + "\\\\n"), next(url, context));';
register("data:text/javascript," + encodeURIComponent(hook));
`)}`;

const HEAVY = ["apache-arrow", "typebox", "fastify", "kafkajs", "lmdb", "chdb", "openid-client"];

/** The files that were put together in each file of the bundle, as its map says; other modules are loaded as they are. */
function sourcesOf(address: string): readonly string[] {
  const map = address.startsWith("file:") ? new URL(`${address}.map`) : null;
  if (map === null || !existsSync(map)) return [address];
  return (JSON.parse(readFileSync(map, "utf8")) as { readonly sources: readonly string[] }).sources;
}

function heavyOf(command: string): readonly string[] {
  const { stderr } = spawnSync(process.execPath, ["--import", TELL_LOADED, OEE, command, "--help"], {
    encoding: "utf8",
  });
  const loaded = stderr.split("\n").flatMap(sourcesOf);
  expect(loaded.some((source) => source.endsWith(`/commands/${command}.ts`))).toBe(true);
  return HEAVY.filter((name) => loaded.some((source) => source.includes(`/node_modules/${name}/`)));
}

test.each(["check", "replay", "review", "simulate", "import", "user", "token", "session", "entry"])(
  "oee %s starts without servers, logs and stores",
  (command) => {
    expect(heavyOf(command)).toEqual([]);
  },
);

test("oee worker, which has them, is seen to load them", () => {
  expect(heavyOf("worker")).toEqual(expect.arrayContaining(["apache-arrow", "typebox", "lmdb"]));
});
