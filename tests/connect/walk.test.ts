/**
 * From an unknown OPC UA server to a live wall: runs the commands of docs/connectors.md, one after the other, in an empty folder,
 * with the server's address alone changed. `OEE_DRAW_PICTURE=1` draws docs/first-wall.png, the wall at the end.
 */
import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { launchBrowser } from "../../dashboards/test/browser.ts";
import { OEE } from "../cli/oee.ts";
import { type Ended, until } from "../live/oee-process.ts";
import { ensureBuilt, openScreen } from "../wall/wall.ts";
import { freePort } from "../support/free-port.ts";
import { opcUaServer, temporaryFolder } from "./peers.ts";

const PAGE = fileURLToPath(new URL("../../docs/connectors.md", import.meta.url));
const PICTURE = fileURLToPath(new URL("../../docs/first-wall.png", import.meta.url));
const ADDRESS = "opc.tcp://10.1.0.30:4840";

/** The command lines of the page's chapter, each split into words. */
function commandsOf(address: string): readonly (readonly string[])[] {
  const chapter = readFileSync(PAGE, "utf8").split("## From a peer never seen")[1] ?? "";
  const lines = /```sh\n([\s\S]*?)```/.exec(chapter)?.[1]?.trim().split("\n") ?? [];
  return lines.map((line) =>
    line
      .replace(/\s+#.*/, "")
      .replace(ADDRESS, address)
      .split(/\s+/),
  );
}

interface Running {
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: Promise<Ended>;
  readonly kill: (signal: NodeJS.Signals) => void;
}

/** The variable of a text `NAME=value`. */
function variable(exported: string): Readonly<Record<string, string>> {
  const [name = "", value = ""] = exported.split("=");
  return { [name]: value };
}

/** Runs a command line in the folder with the exported variables, a password for the server, and time to end, but no option of the test's own. */
function runIn(folder: string, exported: string, [, ...args]: readonly string[]): Running {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith("OEE_"));
  const child = spawn(process.execPath, [OEE, ...args], {
    cwd: folder,
    env: { ...Object.fromEntries(own), OEE_CONNECT_PASSWORD: "secret", OEE_END_WITHIN: "2m", ...variable(exported) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { stdout: () => stdout, stderr: () => stderr, ended, kill: (signal) => void child.kill(signal) };
}

test("the commands of the page lead from a server that signs and encrypts to a wall that shows its machine at work", async () => {
  await ensureBuilt();
  const certificates = temporaryFolder();
  serverCertificate(certificates);
  const port = await freePort();
  const server = await opcUaServer(port, "secure", certificates);
  const folder = temporaryFolder();
  const [
    exporting = [],
    browse = [],
    trust = [],
    accept = [],
    draft = [],
    check = [],
    dryRun = [],
    start = [],
    ...more
  ] = commandsOf(`opc.tcp://127.0.0.1:${port}/`);
  expect([more, exporting[0]]).toEqual([[], "export"]);
  const run = (words: readonly string[]): Running => runIn(folder, exporting[1] ?? "", words);
  const names = [browse, trust, accept, draft, check, dryRun, start].map((words) => words.slice(1, 3).join(" "));
  expect(names.slice(0, 4)).toEqual(["connect browse", "connect trust", "connect trust", "connect draft"]);
  const signedIn = ["--username", "anna"];

  const refused = await run([...browse, ...signedIn]).ended;
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toContain("oee connect trust lists and accepts its certificate");
  const listed = await run(trust).ended;
  const [fingerprint = ""] = /[0-9A-F:]{11}/.exec(listed.stdout) ?? [];
  expect((await run([...accept.slice(0, -1), fingerprint]).ended).stdout).toMatch(/^trusted/);
  expect((await run([...browse, ...signedIn]).ended).stdout).toContain("Press\tState\t6\t");
  expect((await run([...draft, ...signedIn]).ended).stdout).toContain("1 machine");
  expect(await run(check).ended).toMatchObject({ code: 0 });

  const dry = run(dryRun);
  await until("an event that would be sent", () => dry.stdout().includes('"type":"state"') || undefined);
  dry.kill("SIGINT");
  expect(await dry.ended).toMatchObject({ code: 0 });

  // Port 0, since the page's port may be in use.
  const oee = run([...start, "--port", "0"]);
  const url = await until("an address", () => /http:\/\/[0-9.]+:[0-9]+/.exec(oee.stdout())?.[0]).catch((error) => {
    throw new Error(`${String(error)}: ${oee.stderr()}`);
  });
  const browser = await launchBrowser();
  onTestFinished(() => browser.close());
  const { page } = await openScreen(browser, `${url}/wall/site/area/line`);
  const shown = (): Promise<string> => page.innerText("body");
  const isShown = (what: string, words: RegExp): Promise<true> =>
    until(what, async () => words.test(await shown()) || undefined).catch(async (error: unknown) => {
      throw new Error(`${String(error)}, for the wall shows ${await shown()}; ${oee.stderr().slice(-2_000)}`);
    });
  await isShown("the machine at work", /Running\n[0-9:]+\npress/);
  server.set("State", 2);
  await isShown("it stands", /Idle\n[0-9:]+\npress/);
  server.set("State", 6);
  await isShown("it is at work again", /Running\n[0-9:]+\npress/);
  for (let good = 101; good <= 112; good++) server.set("Good", good);
  await isShown("its pieces", /Produced · pcs\n12\n/);
  await isShown("its availability", /Availability\n[0-9.]+/);
  if (process.env["OEE_DRAW_PICTURE"] === "1") await page.screenshot({ path: PICTURE, animations: "disabled" });
  oee.kill("SIGTERM");
  expect(await oee.ended).toMatchObject({ code: 0 });
});

function serverCertificate(folder: string): void {
  const usage = "keyUsage=digitalSignature,nonRepudiation,keyEncipherment,dataEncipherment,keyCertSign";
  const extensions = [
    "subjectAltName=URI:urn:example:press,DNS:localhost",
    usage,
    "extendedKeyUsage=serverAuth,clientAuth",
  ];
  for (const name of ["server", "user"]) {
    execFileSync(
      "openssl",
      [
        ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", `/CN=${name}`],
        ...["-keyout", join(folder, `${name}.pem`), "-out", join(folder, `${name}.der`), "-outform", "DER"],
        ...extensions.flatMap((extension) => ["-addext", extension]),
      ],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
  }
}
