/** Commands load what they use: servers, Kafka and Arrow are for those that run them. */
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { OEE } from "./oee.ts";

/** Prints the address of each module that is loaded. */
const TELL_LOADED = `data:text/javascript,${encodeURIComponent(`
import { register } from "node:module";
const hook = 'import { writeSync } from "node:fs"; export const load = (url, context, next) => (writeSync(2, url + "\\\\n"), next(url, context));';
register("data:text/javascript," + encodeURIComponent(hook));
`)}`;

const HEAVY = ["apache-arrow", "typebox", "fastify", "kafkajs", "lmdb", "chdb", "openid-client"];

function heavyOf(command: string): readonly string[] {
  const { stderr } = spawnSync(process.execPath, ["--import", TELL_LOADED, OEE, command, "--help"], {
    encoding: "utf8",
  });
  expect(stderr).toContain(`/commands/${command}.js`);
  return HEAVY.filter((name) => stderr.includes(`/node_modules/${name}/`));
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
