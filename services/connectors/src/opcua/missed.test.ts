import { expect, test } from "vitest";
import type { Signal } from "../port.ts";
import { Missed } from "./missed.ts";
import type { OpcUaAddress } from "./settings.ts";

const node = { namespace: null, id: "i=1" } as unknown as OpcUaAddress["node"];
const address: OpcUaAddress = { node, path: [], samplingMs: null, trigger: "value", at: "source" };
const signal: Signal<OpcUaAddress> = { machine: "m", signal: "s", address, counts: null, isNumber: false };
const value = (n: number, at = 0): Parameters<Missed["reported"]>[1] => ({
  value: { dataType: 6, value: n },
  statusCode: { value: 0, name: "Good" },
  sourceTimestamp: new Date(at),
  serverTimestamp: null,
});

test("a value that two reads find and no notification had was missed; one still on its way, or only with another time stamp, was not", () => {
  const missed = new Missed();
  expect([missed.noteRead(signal, value(1)), missed.noteRead(signal, value(1))]).toEqual([false, false]);
  missed.reported(signal, value(1));
  expect(missed.noteRead(signal, value(1, 1000))).toBe(false);
  // The notification of this value comes between the two reads.
  expect(missed.noteRead(signal, value(2))).toBe(false);
  missed.reported(signal, value(2));
  expect(missed.noteRead(signal, value(2))).toBe(false);
  // A value that differs at each read was not missed yet.
  expect([missed.noteRead(signal, value(3)), missed.noteRead(signal, value(4))]).toEqual([false, false]);
  expect(missed.noteRead(signal, value(4))).toBe(true);
});
