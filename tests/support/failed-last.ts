/** Prints each failed test again at the very end of a run: where only the last lines of a log are kept, they name the failures. */
import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { Reporter, TestModule } from "vitest/node";

const MESSAGE_CHARACTERS = 300;
/** How many lines that differ between expected and found value are printed. */
const DIFF_LINES = 12;

export class FailedLast implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const lines = modules.flatMap((module) => {
      const at = relative(process.cwd(), module.moduleId);
      const tests = [...module.children.allTests("failed")].map((test) => ({ at: test, errors: test.result().errors }));
      const suites = [...module.children.allSuites()].map((suite) => ({ at: suite, errors: suite.errors() }));
      return [
        ...module.errors().map((error) => linesOf(at, error)),
        ...[...suites, ...tests].flatMap(({ at: { fullName }, errors = [] }) =>
          errors.slice(0, 1).map((error) => linesOf(`${at} > ${fullName}`, error)),
        ),
      ];
    });
    for (const line of lines) process.stdout.write(`FAILED ${line}\n`);
  }
}

function linesOf(where: string, { message, diff = "" }: { readonly message: string; readonly diff?: string }): string {
  const differing = stripVTControlCharacters(diff)
    .split("\n")
    .filter((line) => /^[-+] /.test(line));
  return [
    `${where}: ${message.split("\n")[0] ?? ""}`.slice(0, where.length + MESSAGE_CHARACTERS),
    ...differing.slice(0, DIFF_LINES).map((line) => `  ${line.slice(0, MESSAGE_CHARACTERS)}`),
  ].join("\n");
}
