import { expect, test } from "vitest";
import { readDocument } from "./document.ts";

const AT = "2026-03-02T05:00:00Z";
const EXPECTED = {
  instanceId: "7",
  nextSequence: 9,
  lastSequence: 8,
  errorCode: null,
  observations: [
    {
      device: "lathe",
      element: "Execution",
      dataItemId: "exec",
      name: "execution",
      timestamp: AT,
      sequence: 4,
      value: "ACTIVE",
      alarm: null,
    },
    {
      device: "lathe",
      element: "ControllerMode",
      dataItemId: "mode",
      name: null,
      timestamp: AT,
      sequence: 5,
      value: "AUTOMATIC",
      alarm: null,
    },
    {
      device: "lathe",
      element: "Execution",
      dataItemId: "exec",
      name: "execution",
      timestamp: AT,
      sequence: 6,
      value: "STOPPED",
      alarm: null,
    },
    {
      device: "lathe",
      element: "PartCount",
      dataItemId: "parts",
      name: null,
      timestamp: AT,
      sequence: 7,
      value: "12",
      alarm: null,
    },
    {
      device: "lathe",
      element: "Fault",
      dataItemId: "servo",
      name: null,
      timestamp: AT,
      sequence: 8,
      value: "Fault",
      alarm: "4",
    },
  ],
};

const HEADER = { instanceId: 7, nextSequence: 9, lastSequence: 8, bufferSize: 131_072 };
const observation = (dataItemId: string, sequence: number, value?: unknown, name?: string): object => ({
  ...{ dataItemId, sequence, timestamp: AT },
  ...(name === undefined ? {} : { name }),
  ...(value === undefined ? {} : { value }),
});
const exec = [observation("exec", 4, "ACTIVE", "execution"), observation("exec", 6, "STOPPED", "execution")] as const;
const [mode, parts, servo] = [
  observation("mode", 5, "AUTOMATIC"),
  observation("parts", 7, 12),
  { ...observation("servo", 8), nativeCode: "4" },
];

test.each([
  [
    "XML",
    `<?xml version="1.0"?><m:MTConnectStreams xmlns:m="urn:mtconnect.org:MTConnectStreams:2.0">
      <m:Header instanceId="7" nextSequence="9" lastSequence="8"/><m:Streams><m:DeviceStream name="lathe">
      <m:ComponentStream component="Path"><m:Events>
        <m:Execution dataItemId="exec" name="execution" timestamp="${AT}" sequence="4">ACTIVE</m:Execution>
        <m:Execution dataItemId="exec" name="execution" timestamp="${AT}" sequence="6">STOPPED</m:Execution>
        <m:PartCount dataItemId="parts" timestamp="${AT}" sequence="7">12</m:PartCount></m:Events>
        <m:Condition><m:Fault dataItemId="servo" timestamp="${AT}" sequence="8" type="ACTUATOR" nativeCode="4">stuck</m:Fault></m:Condition>
      </m:ComponentStream>
      <m:ComponentStream component="Controller"><m:Events>
        <m:ControllerMode dataItemId="mode" timestamp="${AT}" sequence="5">AUTOMATIC</m:ControllerMode>
      </m:Events></m:ComponentStream></m:DeviceStream></m:Streams></m:MTConnectStreams>`,
  ],
  [
    "JSON, lists by key",
    JSON.stringify({
      MTConnectStreams: {
        jsonVersion: 2,
        Header: HEADER,
        Streams: {
          DeviceStream: [
            {
              name: "lathe",
              ComponentStream: [
                { component: "Path", Events: { Execution: exec, PartCount: [parts] }, Condition: { Fault: [servo] } },
                { component: "Controller", Events: { ControllerMode: [mode] } },
              ],
            },
          ],
        },
      },
    }),
  ],
  [
    "JSON, lists of objects of one key",
    JSON.stringify({
      MTConnectStreams: {
        jsonVersion: 1,
        Header: HEADER,
        Streams: [
          {
            DeviceStream: {
              name: "lathe",
              ComponentStreams: [
                {
                  ComponentStream: {
                    component: "Path",
                    Events: [{ Execution: exec[0] }, { Execution: exec[1] }, { PartCount: parts }],
                    Condition: [{ Fault: servo }],
                  },
                },
                { ComponentStream: { component: "Controller", Events: [{ ControllerMode: mode }] } },
              ],
            },
          },
        ],
      },
    }),
  ],
])("%s: observations in the order in which they were made, though a document has them by component", (_, text) => {
  expect(readDocument(text)).toEqual(EXPECTED);
});

test("an error document gives its error code, and what is no document of an agent is refused", () => {
  const errors = { MTConnectError: { Header: { instanceId: 7 }, Errors: { Error: [{ errorCode: "OUT_OF_RANGE" }] } } };
  expect(readDocument(JSON.stringify(errors))).toMatchObject({ errorCode: "OUT_OF_RANGE", observations: [] });
  expect(() => readDocument('{"hello":1}')).toThrow("expected MTConnectStreams, found hello");
  expect(() => readDocument("<html/>")).toThrow("expected MTConnectStreams, found html");
});
