/**
 * `oee connect browse` lists what a peer offers; `oee connect draft` writes a first connections file and plant file
 * for it.
 */
import { access, writeFile } from "node:fs/promises";
import { browse, type DraftedMachine, draftOf, type Listed } from "@oee/connectors";
import { whyUnreachable } from "@oee/pacing";
import { type Command, Option } from "commander";
import { stringify } from "yaml";
import { Failure, UsageError } from "../failure.ts";
import { counted } from "../output/for-people.ts";
import { wholeNumber } from "../live/whole-number.ts";
import { makeDataFolder } from "../live/data-folder.ts";
import { dataOption } from "./data-option.ts";

interface BrowseSettings {
  readonly username?: string;
  readonly password?: string;
  readonly security: "none" | "sign" | "sign-and-encrypt";
  readonly seconds: number;
  readonly rebirth?: true;
  readonly data: string;
}

interface DraftSettings extends BrowseSettings {
  readonly connections: string;
  readonly plant: string;
}

export function defineBrowse(command: Command): void {
  peerOptions(
    command.description("Lists what a peer has, with the values that it has now: a line for each signal."),
  ).action(async (url: string, settings: BrowseSettings) => {
    for (const { group, name, address, value } of await seenAt(url, settings)) {
      const where = typeof address === "string" ? address : JSON.stringify(address);
      process.stdout.write(`${group}\t${name}\t${JSON.stringify(value)}\t${where}\n`);
    }
  });
}

export function defineDraft(command: Command): void {
  peerOptions(
    command.description(
      "Writes a first connections file and a plant file of what a peer has, guessed from names and values.\n" +
        "They are to be read and mended by somebody who knows the machines; no file is written over.",
    ),
  )
    .option("--connections <file>", "the connections file to write", "connections.yaml")
    .option("--plant <file>", "the plant file to write", "plant.yaml")
    .action(draft);
}

function peerOptions(command: Command): Command {
  return command
    .argument("<url>", "opc.tcp://… of a server, mqtt://… of a broker, or http://… of an MTConnect agent")
    .option("--username <name>", "who signs in")
    .addOption(new Option("--password <text>", "the password").env("OEE_CONNECT_PASSWORD"))
    .addOption(
      new Option("--security <how>", "of OPC UA")
        .choices(["none", "sign", "sign-and-encrypt"])
        .default("sign-and-encrypt"),
    )
    .addOption(
      new Option("--seconds <number>", "how long a broker is listened to").argParser(wholeNumber(1, 3600)).default(60),
    )
    .option("--rebirth", "asks Sparkplug nodes that are heard for their births, which name their metrics")
    .addOption(dataOption());
}

/** What to do about a server's answer. */
const HINTS = [
  ["BadCertificateUntrusted", ": oee connect trust lists and accepts its certificate"],
  ["it offers security none", ": add --security none, or switch encryption on in the server"],
] as const;

const ADDRESSES = "opc.tcp://…, mqtt://…, mqtts://…, ws://…, wss://…, http://… or https://…";

async function seenAt(url: string, settings: BrowseSettings): Promise<Listed["seen"]> {
  if (!URL.canParse(url)) throw new UsageError(`found ${JSON.stringify(url)}, expected ${ADDRESSES}`);
  const { username = null, password = null, security, seconds, data, rebirth = false } = settings;
  // Of a client of OPC UA: its own certificate, and those of servers.
  if (/^opc\.tcp:/i.test(url)) makeDataFolder(data);
  let listed: Listed | null;
  try {
    listed = await browse(new URL(url), { username, password, security, data, listenMs: seconds * 1_000, rebirth });
  } catch (error) {
    const why = whyUnreachable(error);
    const hint = HINTS.find(([said]) => why.includes(said))?.[1] ?? "";
    throw new Failure(`cannot look around at ${url}: ${why}${hint}`, { cause: error });
  }
  if (listed === null) throw new UsageError(`found ${url}, expected ${ADDRESSES}`);
  const { seen, isWhole } = listed;
  process.stderr.write(`${counted(seen.length, "signal")}${isWhole ? "" : ", and more that are not listed"}\n`);
  return seen;
}

async function draft(url: string, settings: DraftSettings): Promise<void> {
  for (const file of [settings.connections, settings.plant]) {
    if (
      await access(file).then(
        () => true,
        () => false,
      )
    )
      throw new UsageError(`${file} is there, and is not written over`);
  }
  const { machines, leftOut } = draftOf(await seenAt(url, settings));
  for (const group of leftOut) {
    process.stderr.write(`left out, since no signal is named as a state or a count: ${group}\n`);
  }
  if (machines.size === 0) throw new Failure(`nothing at ${url} looks like a state or a count: see oee connect browse`);
  await writeFile(settings.connections, stringify({ connections: connectionsOf(machines, url, settings) }));
  await writeFile(settings.plant, stringify(plantOf(machines)));
  process.stdout.write(`${settings.connections} and ${settings.plant}: ${counted(machines.size, "machine")}\n`);
}

function connectionsOf(
  machines: ReadonlyMap<string, DraftedMachine>,
  url: string,
  { username, security }: DraftSettings,
): Record<string, unknown> {
  const signIn = username === undefined ? {} : { username, password: { env: "OEE_CONNECT_PASSWORD" } };
  const connections: Record<string, unknown> = {};
  for (const protocol of new Set([...machines.values()].map((machine) => machine.protocol))) {
    const own = protocol === "opcua" ? { security } : protocol === "mtconnect" ? {} : { clientId: `oee-${protocol}` };
    const host = protocol === "sparkplug" ? { hostId: "oee" } : {};
    const mappings = [...machines].filter(([, machine]) => machine.protocol === protocol);
    connections[protocol] = {
      ...{ protocol, url, ...own, ...host, ...signIn },
      machines: Object.fromEntries(mappings.map(([id, machine]) => [id, mappingOf(machine)])),
    };
  }
  return connections;
}

function mappingOf({ signals, state, totals }: DraftedMachine): Record<string, unknown> {
  return { signals, ...(state === null ? {} : { state }), ...(Object.keys(totals).length === 0 ? {} : { totals }) };
}

function plantOf(machines: ReadonlyMap<string, DraftedMachine>): Record<string, unknown> {
  const own: Record<string, unknown> = {};
  for (const [id, { states }] of machines) {
    own[id.split("/").at(-1) ?? id] = { idealCycleSeconds: null, ...(states === null ? {} : { states }) };
  }
  // Without a shift screens have no figures of one; which there are nobody has said yet.
  const shifts = [{ name: "day", start: "00:00", end: "24:00" }];
  return {
    enterprise: "enterprise",
    calendars: { "around-the-clock": { shifts } },
    sites: {
      site: { calendar: "around-the-clock", areas: { area: { lines: { line: { machines: own } } } } },
    },
  };
}
