/** The version of this build, as its package says. */
import { readFileSync } from "node:fs";
import { PACKAGE } from "./package-folder.ts";

const { version } = JSON.parse(readFileSync(new URL("package.json", PACKAGE), "utf8")) as {
  version: string;
};

export const VERSION: string = version;
