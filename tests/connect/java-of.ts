import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), "java");

/** The command that runs a Java file of `java/` with the jars that Maven got. */
export function javaOf(name: string): readonly string[] {
  const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  const logging = `-Dlogback.configurationFile=${join(FOLDER, "logback.xml")}`;
  return [logging, "-cp", `${join(cache, "open-oee", "java-peers-1")}/*`, join(FOLDER, `${name}.java`)];
}
