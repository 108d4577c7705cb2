/** Modbus TCP, against a real pymodbus device. */
import { once } from "node:events";
import { createConnection, createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { until } from "../live/oee-process.ts";
import { freePort } from "../support/free-port.ts";
import { connectorOf, FILLER } from "./connector.ts";
import { Collected, modbusDevice, temporaryFolder } from "./peers.ts";

const connectionsTo = (port: number): string => `
connections:
  press:
    protocol: modbus
    host: 127.0.0.1
    port: ${port}
    every: 100ms
    timeout: 3s
    machines:
      ${FILLER}:
        signals:
          run: { holding: 0 }
          strokes: { holding: 1, as: uint32, order: CDAB }
          missing: { holding: 500 }
        state: [{ when: run, state: running }, { state: idle }]
        totals: { good: strokes }
`;

/** A port at which a device can be reached, where a test hears what it is asked and what it answers. */
async function heardAt(
  devicePort: number,
  { asked, answered }: { readonly asked?: (chunk: Buffer) => void; readonly answered?: (chunk: Buffer) => void },
): Promise<number> {
  const between = createServer((socket) => {
    const onward = createConnection(devicePort, "127.0.0.1");
    socket.on("data", (chunk) => {
      asked?.(chunk);
      onward.write(chunk);
    });
    onward.on("data", (chunk) => {
      answered?.(chunk);
      socket.write(chunk);
    });
    socket.on("error", () => onward.destroy()).on("close", () => onward.destroy());
    onward.on("error", () => socket.destroy());
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void between.close());
  await once(between, "listening");
  const address = between.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

test("registers become states and totals; one that the device lacks is reported once; the machine of a dead device is unknown", async () => {
  const port = await freePort();
  // 65,537 is 0x00010001; low word first.
  const device = await modbusDevice(port, [1, 1, 1]);
  const receiver = new Collected();
  const { connector, told } = connectorOf(connectionsTo(port), { receiver, folder: temporaryFolder() });
  const last = (field: "state" | "total"): unknown => receiver.events.findLast((event) => field in event)?.[field];
  await until("a total", () => last("total") ?? undefined);
  expect([last("state"), last("total")]).toEqual(["running", { good: 65_537 }]);
  device.set(0, 0);
  await until("idle", () => last("state") === "idle" || undefined);
  device.set(1, 2);
  await until("the next total", () => JSON.stringify(last("total")) === '{"good":65538}' || undefined);
  expect(told.filter((line) => line.includes("missing"))).toHaveLength(1);

  await device.kill("SIGKILL");
  await until("no data", () => last("state") === "unknown" || undefined);
  const again = await modbusDevice(port, [1, 1, 1]);
  await until("running again", () => last("state") === "running" || undefined);
  // A frozen device keeps the connection open and does not answer.
  again.freeze();
  await until("no data again", () => last("state") === "unknown" || undefined);
  expect(connector.status().connections[0]?.connected).toBe(false);
});

test("a number that cannot be used is reported once by name; its neighbours and the connection go on", async () => {
  const port = await freePort();
  // Running, a total, 2^64 - 1 as an uninitialised register has it, and a float that is not a number.
  const device = await modbusDevice(port, [1, 7, 0xffff, 0xffff, 0xffff, 0xffff, 0x7fc0, 0]);
  const receiver = new Collected();
  const { connector, told } = connectorOf(
    `connections: { press: { protocol: modbus, host: 127.0.0.1, port: ${port}, every: 100ms, machines: { ${FILLER}: {
      signals: { run: { holding: 0 }, good: { holding: 1 }, huge: { holding: 2, as: uint64 }, speed: { holding: 6, as: float32 }, beyond: { holding: 8 } },
      state: [{ when: run, state: running }, { state: idle }],
      totals: { good: good, scrap: huge, rework: speed } } } } }`,
    { receiver, folder: temporaryFolder() },
  );
  const last = (field: "state" | "total"): unknown => receiver.events.findLast((event) => field in event)?.[field];
  await until("a total", () => last("total") ?? undefined);
  device.set(1, 8);
  await until("the next total", () => JSON.stringify(last("total")) === '{"good":8}' || undefined);
  expect(receiver.events.filter((event) => "state" in event).map(({ state }) => state)).toEqual(["running"]);
  for (const what of ["huge", "speed", "beyond"]) {
    expect(told.filter((line) => line.includes(`${FILLER} ${what}`))).toHaveLength(1);
  }
  // The number can be used from now on.
  device.set(2, 0);
  device.set(3, 0);
  device.set(4, 0);
  device.set(5, 3);
  await until("scrap", () => JSON.stringify(last("total")).includes('"scrap":3') || undefined);
  expect(connector.status().connections[0]?.connected).toBe(true);
});

test("a running total below 0 is told once until there is one that can be used, and counted at each poll", async () => {
  const port = await freePort();
  const device = await modbusDevice(port, [0x8000]);
  const receiver = new Collected();
  const { connector, told } = connectorOf(
    `connections: { press: { protocol: modbus, host: 127.0.0.1, port: ${port}, every: 50ms, machines: { ${FILLER}: {
      signals: { good: { holding: 0, as: int16 } }, totals: { good: good } } } } }`,
    { receiver, folder: temporaryFolder() },
  );
  const refused = (): number => connector.status().connections[0]?.refused ?? 0;
  const polled = async (): Promise<void> => {
    const before = refused();
    await until("more polls", () => refused() > before + 3 || undefined);
  };
  const lines = (): readonly string[] => told.filter((line) => line.includes("a running total of 0 or more"));
  await polled();
  device.set(0, 0x8001);
  await polled();
  expect(lines()).toHaveLength(1);
  expect(connector.status().connections[0]?.refusals).toHaveLength(1);
  device.set(0, 5);
  await until("a total", () => receiver.events.some((event) => "total" in event) || undefined);
  device.set(0, 0x8000);
  await polled();
  expect(lines()).toHaveLength(2);
});

test("registers with unused ones between them are read by one request; a device that refuses that is asked for each run of them", async () => {
  const port = await freePort();
  const device = await modbusDevice(
    port,
    Array.from({ length: 12 }, (_, i) => i),
  );
  const asked: number[][] = [];
  const heardPort = await heardAt(port, {
    // A request is 12 bytes; its address and count are the last four.
    asked: (chunk) => {
      for (let at = 0; at + 12 <= chunk.length; at += 12)
        asked.push([chunk.readUInt16BE(at + 8), chunk.readUInt16BE(at + 10)]);
    },
  });
  const receiver = new Collected();
  const { connector, told } = connectorOf(
    `connections: { press: { protocol: modbus, host: 127.0.0.1, port: ${heardPort}, every: 100ms, machines: { ${FILLER}: {
      signals: { good: { holding: 1 }, more: { holding: 2 }, scrap: { holding: 9 }, far: { holding: 40 }, beyond: { holding: 20 } },
      totals: { good: good, rework: more, scrap: scrap } } } } }`,
    { receiver, folder: temporaryFolder() },
  );
  await until("totals", () => receiver.events.some((event) => "total" in event) || undefined);
  const rounds = asked.length;
  await until("some rounds", () => asked.length > rounds + 8 || undefined);
  // The whole first, of which registers from 12 on are missing; then what follows one another.
  expect(asked.slice(0, 5)).toEqual([
    [1, 20],
    [1, 2],
    [9, 1],
    [20, 1],
    [40, 1],
  ]);
  expect(asked.slice(5, 9)).toEqual([
    [1, 2],
    [9, 1],
    [20, 1],
    [40, 1],
  ]);
  // Each request has its own instant, and so its own event.
  const totals: unknown = Object.assign({}, ...receiver.events.map(({ total }) => total ?? {}));
  expect(totals).toEqual({ good: 1, rework: 2, scrap: 9 });
  expect(told.filter((line) => line.includes("cannot be used"))).toHaveLength(2);
  expect(connector.status().connections[0]?.connected).toBe(true);
  device.set(9, 10);
  await until("scrap", () => JSON.stringify(receiver.events.at(-1)).includes('"scrap":10') || undefined);
});

test("a machine with one photo-eye: each time that it goes on is a piece, however often it is read meanwhile", async () => {
  const port = await freePort();
  const device = await modbusDevice(port, [1]);
  const receiver = new Collected();
  const { connector } = connectorOf(
    `connections: { press: { protocol: modbus, host: 127.0.0.1, port: ${port}, every: 20ms, machines: { ${FILLER}: {
      signals: { eye: { holding: 0 } }, pulses: { good: eye } } } } }`,
    { receiver, folder: temporaryFolder() },
  );
  const now = (): { value: unknown; observations: number } => ({
    value: connector.status().connections[0]?.signals[0]?.value,
    observations: connector.status().connections[0]?.observations ?? 0,
  });
  for (const value of [1, 0, 1, 0, 1, 0]) {
    device.set(0, value);
    await until("the eye", () => now().value === value || undefined);
    const { observations } = now();
    await until("some more looks", () => now().observations > observations + 3 || undefined);
  }
  await until("two pieces", () => receiver.events.length === 2 || undefined);
  expect(receiver.events).toMatchObject([{ good: 1 }, { good: 1 }]);
});

test("while there is no room on disk the device is read on, and not taken for gone; what was read comes later", async () => {
  const port = await freePort();
  const device = await modbusDevice(port, [1, 1, 1]);
  const receiver = new Collected();
  receiver.failing = true;
  // Of all three registers, as they are from then on.
  const second = Buffer.from("000100020001", "hex");
  let isRead = false;
  const heardPort = await heardAt(port, { answered: (chunk) => void (isRead ||= chunk.includes(second)) });
  // Room for some rounds.
  const { told } = connectorOf(connectionsTo(heardPort), {
    receiver,
    folder: temporaryFolder(),
    outboxBytesMax: 10_000,
  });
  await until("no room", () => told.some((line) => line.startsWith("events wait for room")) || undefined);
  const read = (good: number): boolean =>
    receiver.events.some(({ total }) => (total as { good?: number } | undefined)?.good === good);
  device.set(1, 2);
  await until("a round in which the device has this value", () => isRead || undefined);
  device.set(1, 3);
  receiver.failing = false;
  await until("all totals", () => ([65_537, 65_538, 65_539].every(read) ? true : undefined));
  expect(told.filter((line) => line.startsWith("the peer is gone") || line.startsWith("values may"))).toEqual([]);
});

test("a value is dated in the middle between request and answer, of a device that takes its time", async () => {
  const asked: number[] = [];
  const device = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (request) => {
      asked.push(Date.now());
      const answer = Buffer.alloc(11);
      request.copy(answer, 0, 0, 4);
      answer.writeUInt16BE(5, 4);
      request.copy(answer, 6, 6, 8);
      answer[8] = 2;
      answer.writeUInt16BE(asked.length, 9);
      setTimeout(() => socket.write(answer), 2_000);
    });
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void device.close());
  await once(device, "listening");
  const address = device.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const receiver = new Collected();
  connectorOf(
    `connections: { press: { protocol: modbus, host: 127.0.0.1, port: ${address.port}, every: 100ms, timeout: 30s, machines: { ${FILLER}: {
      signals: { good: { holding: 0 } }, totals: { good: good } } } } }`,
    { receiver, folder: temporaryFolder() },
  );
  await until("two totals", () => receiver.events.length >= 2 || undefined);
  for (const [i, { at }] of receiver.events.slice(0, 2).entries()) {
    const after = Date.parse(String(at)) - (asked[i] ?? 0);
    // By the request's instant it would be 0, by the answer's 2 s.
    expect(after).toBeGreaterThan(500);
    expect(after).toBeLessThan((asked[i + 1] ?? Date.now()) - (asked[i] ?? 0) - 500);
  }
});

test("a device that answers one request of a segment gets one at a time: all scattered registers are read", async () => {
  let most = 0;
  const device = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (segment) => {
      most = Math.max(most, segment.length / 12);
      // As pymodbus: what lies behind the first request in a segment is thrown away.
      const answer = Buffer.alloc(11);
      segment.copy(answer, 0, 0, 4);
      answer.writeUInt16BE(5, 4);
      segment.copy(answer, 6, 6, 8);
      answer[8] = 2;
      answer.writeUInt16BE(7 + segment.readUInt16BE(8), 9);
      socket.write(answer);
    });
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void device.close());
  await once(device, "listening");
  const address = device.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const receiver = new Collected();
  const { told } = connectorOf(
    `connections: { press: { protocol: modbus, host: 127.0.0.1, port: ${address.port}, every: 100ms, machines: { ${FILLER}: {
      signals: { good: { holding: 0 }, scrap: { holding: 300 }, rework: { holding: 600 } }, totals: { good: good, scrap: scrap, rework: rework } } } } }`,
    { receiver, folder: temporaryFolder() },
  );
  const totals = (): unknown => Object.assign({}, ...receiver.events.map(({ total }) => total as object));
  await until("all totals", () => Object.keys(totals() as object).length === 3 || undefined);
  expect(totals()).toEqual({ good: 7, scrap: 307, rework: 607 });
  expect(most).toBe(1);
  expect(told.filter((line) => line.includes("gone"))).toEqual([]);
});
