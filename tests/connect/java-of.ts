import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cached } from "../support/cached.ts";

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), "java");

/** The command that runs a Java file of `java/` with the jars that Maven got. */
export function javaOf(name: string): readonly string[] {
  const logging = `-Dlogback.configurationFile=${join(FOLDER, "logback.xml")}`;
  return ["-XX:TieredStopAtLevel=1", logging, "-cp", `${cached("java-peers-1")}/*`, join(FOLDER, `${name}.java`)];
}
