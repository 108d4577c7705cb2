import { expect, test } from "vitest";
import { BODY_LINES_MAX } from "./shdr-line.ts";
import { type ShdrConfiguration, type ShdrEvent, ShdrReader } from "./shdr-reader.ts";

const machine = "shop/turning/c1/okuma";
const CONFIGURATION: ShdrConfiguration = {
  machine,
  device: "Okuma",
  execution: "exec",
  availability: "avail",
  emergencyStop: { item: "estop", state: "down", reason: "emergency-stop" },
  functionalMode: { item: "fmode", states: { SETUP: "setup", MAINTENANCE: "maintenance" } },
  totals: { good: "parts", scrap: "bad" },
  program: "program",
};

function eventsOf(...lines: readonly string[]): ShdrEvent[] {
  const reader = new ShdrReader(CONFIGURATION);
  return lines.flatMap((line) => reader.read(line, 5));
}

/** The state events that the lines give, each as `stamp state`. */
function statesOf(...lines: readonly string[]): string[] {
  return eventsOf(...lines).flatMap((event) => (event.type === "state" ? [`${event.at} ${event.state}`] : []));
}

test("TL-5: the state is that of execution, in MTConnect's own words, and is an event each time that the adapter sends it", () => {
  expect(statesOf("1|exec|READY", "2|load|5|exec|ACTIVE", "3|exec|ACTIVE", "4|load|7")).toEqual([
    "1 READY",
    "2 ACTIVE",
    "3 ACTIVE",
  ]);
  expect(eventsOf("2022-08-08T13:51:34.7167146Z|exec|READY")).toEqual([
    { type: "state", machine, at: "2022-08-08T13:51:34.7167146Z", state: "READY" },
  ]);
});

test("TL-5: an unavailable adapter, a triggered emergency stop and a mapped mode go before execution, in this order", () => {
  expect(
    statesOf(
      "1|avail|AVAILABLE|estop|ARMED|exec|ACTIVE",
      "2|estop|TRIGGERED",
      "3|avail|UNAVAILABLE|exec|UNAVAILABLE",
      "4|avail|AVAILABLE",
      "5|exec|READY",
      "6|fmode|SETUP",
      "7|estop|ARMED",
      "8|fmode|PRODUCTION",
      "9|fmode|PROCESS_DEVELOPMENT",
    ),
  ).toEqual(["1 ACTIVE", "2 down", "3 UNAVAILABLE", "4 down", "5 down", "7 setup", "8 READY"]);
  expect(eventsOf("1|estop|TRIGGERED")).toEqual([
    { type: "state", machine, at: "1", state: "down", reason: "emergency-stop" },
  ]);
  expect(statesOf("1|avail|AVAILABLE", "2|fmode|PRODUCTION")).toEqual([]);
});

test("CN-2: part counts are running totals, CN-3: a program is a product; unavailable and empty values give no event", () => {
  expect(eventsOf("1|parts|7|bad|0:SHIFT|program|A.MIN")).toEqual([
    { type: "job", machine, at: "1", product: "A.MIN" },
    { type: "count", machine, at: "1", total: { good: 7, scrap: 0 } },
  ]);
  expect(eventsOf("1|parts|UNAVAILABLE|program|UNAVAILABLE", "2|parts||program|", "3|program")).toEqual([]);
});

test("DI-2: a count that is no number is left for the decoder to refuse", () => {
  expect(eventsOf("1|parts|many")).toEqual([{ type: "count", machine, at: "1", total: { good: "many" } }]);
});

test("assets, commands and conditions give no event, whatever they hold", () => {
  expect(
    eventsOf(
      "1|@ASSET@|7|CuttingTool|--multiline--ABCD",
      "2|exec|ACTIVE",
      "--multiline--XY",
      "--multiline--ABCD",
      "3|@REMOVE_ASSET@|exec",
      "4|@REMOVE_ALL_ASSETS@|CuttingTool",
      "* adapterVersion: 1|exec|ACTIVE",
      "* PONG 10000",
      "5|system|FAULT|exec|ACTIVE|HIGH|jam",
      "6|system|NORMAL||||",
      "",
      "7",
    ),
  ).toEqual([]);
  expect(statesOf("1|@ASSET@|7|Tool|--multiline--A", "2|exec|ACTIVE", "--multiline--A", "3|exec|READY")).toEqual([
    "3 READY",
  ]);
});

test("after an asset without an end the machine's lines are read again from a number of lines on", () => {
  const lost = Array.from({ length: BODY_LINES_MAX }, () => "<CuttingTool>");
  expect(statesOf("1|@ASSET@|7|Tool|--multiline--A", ...lost, "2|exec|ACTIVE")).toEqual(["2 ACTIVE"]);
});

test("lines are read without a stamp, with a duration, a carriage return, a device before an item, or a bar in a value", () => {
  expect(
    statesOf("|exec|READY", "2026-03-02T05:00:00Z@100.5|exec|ACTIVE\r", "3|Okuma:exec|STOPPED", "4|Mazak:exec|ACTIVE"),
  ).toEqual(["5 READY", "2026-03-02T05:00:00Z ACTIVE", "3 STOPPED"]);
  expect(eventsOf('1|note|"a\\|exec\\|b"|program|"x\\|y"')).toEqual([
    { type: "job", machine, at: "1", product: "x|y" },
  ]);
});
