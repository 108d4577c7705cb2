/** MTConnect over HTTP, against a small agent of this repository (no agent is to be had as a package). */
import { expect, test } from "vitest";
import { until } from "../live/oee-process.ts";
import { freePort } from "../support/free-port.ts";
import { connectorOf, FILLER } from "./connector.ts";
import { Agent } from "./mtconnect-agent.ts";
import { Collected, temporaryFolder } from "./peers.ts";

const connectionsTo = (port: number, format = "xml"): string => `
connections:
  lathe:
    protocol: mtconnect
    url: http://127.0.0.1:${port}
    format: ${format}
    every: 20ms
    heartbeat: 2s
    machines:
      ${FILLER}:
        signals: { execution: exec, parts: pc_name, alarm: sys_cond }
        state: [{ when: alarm, is: Fault, state: down }, { when: execution, is: ACTIVE, state: running }, { state: idle }]
        totals: { good: parts }
`;

const AT = Date.now() - 60_000;
const iso = (second: number): string => new Date(AT + 1000 * second).toISOString();
const said = ({ events }: Collected): (readonly [unknown, unknown])[] =>
  events.map(({ state, total, at }) => [state ?? (total as { good: number }).good, at]);

test.each(["xml", "json"])(
  "%s: what is now, then what changes; what an agent kept while nobody was there is lost by no one; what it kept no more is a gap",
  async (format) => {
    const port = await freePort();
    const agent = await Agent.listening(port, 7);
    agent.add("sys_cond", "Normal", AT);
    agent.add("exec", "ACTIVE", AT);
    agent.add("pc", "100", AT);
    agent.add("tool", "T1", AT);
    const receiver = new Collected();
    const folder = temporaryFolder();
    const first = connectorOf(connectionsTo(port, format), { receiver, folder });
    await until("what is now", () => receiver.events.length === 2 || undefined);
    agent.add("pc", "101", AT + 1000);
    agent.add("sys_cond", "Fault", AT + 2000);
    await until("what changes", () => receiver.events.length === 4 || undefined);
    expect(first.connector.status().connections[0]?.unmapped).toEqual(["tool"]);
    expect(said(receiver)).toEqual([
      [100, iso(0)],
      ["running", iso(0)],
      [101, iso(1)],
      ["down", iso(2)],
    ]);

    await first.connector.close();
    agent.add("sys_cond", "Normal", AT + 3000);
    agent.add("exec", "UNAVAILABLE", AT + 4000);
    agent.add("exec", "ACTIVE", AT + 5000);
    const second = connectorOf(connectionsTo(port, format), { receiver, folder });
    await until("what it kept", () => receiver.events.length === 7 || undefined);
    expect(said(receiver).slice(4)).toEqual([
      ["running", iso(3)],
      ["unknown", iso(4)],
      ["running", iso(5)],
    ]);
    expect(second.connector.status().connections[0]?.gaps).toEqual([]);

    await second.connector.close();
    for (let i = 0; i < 20; i++) agent.add("pc", String(110 + i), AT + 6000 + 10 * i);
    const third = connectorOf(connectionsTo(port, format), { receiver, folder });
    await until("what is now, after the gap", () => receiver.events.length === 10 || undefined);
    expect(third.connector.status().connections[0]?.gaps).toMatchObject([
      { why: "the agent has no more what came next" },
    ]);
    // The machine is unknown for the time of the gap; the state that did not change goes on after it.
    expect(
      said(receiver)
        .slice(7)
        .map(([value]) => value),
    ).toEqual(["unknown", "running", 129]);
  },
);

test.each(["xml", "json"])(
  "%s: a condition with several alarms is normal when the last of them is, also over a restart",
  async (format) => {
    const port = await freePort();
    const agent = await Agent.listening(port, 7);
    agent.add("exec", "ACTIVE", AT);
    agent.add("sys_cond", "Fault", AT + 1000, "17");
    agent.add("sys_cond", "Warning", AT + 2000, "4");
    agent.add("sys_cond", "Fault", AT + 3000, "21");
    const receiver = new Collected();
    const folder = temporaryFolder();
    const first = connectorOf(connectionsTo(port, format), { receiver, folder });
    await until("what is now", () => receiver.events.length === 1 || undefined);
    agent.add("sys_cond", "Normal", AT + 4000, "17");
    const isHeard = (): true | undefined =>
      first.connector.status().connections[0]?.signals.some(({ at }) => at === AT + 4000) || undefined;
    await until("the end of one alarm", isHeard);
    await first.connector.close();
    agent.add("sys_cond", "Normal", AT + 5000, "4");
    agent.add("sys_cond", "Normal", AT + 6000, "21");
    agent.add("sys_cond", "Warning", AT + 7000, "5");
    agent.add("sys_cond", "Fault", AT + 8000, "6");
    agent.add("sys_cond", "Normal", AT + 9000);
    const second = connectorOf(connectionsTo(port, format), { receiver, folder });
    await until("what it kept", () => receiver.events.length >= 4 || undefined);
    expect(second.connector.status().connections[0]?.gaps).toEqual([]);
    expect(said(receiver)).toEqual([
      ["down", iso(1)],
      ["running", iso(6)],
      ["down", iso(8)],
      ["running", iso(9)],
    ]);
  },
);

test("an agent that is gone makes its machines unknown; one that was started anew is read from its present values on", async () => {
  const port = await freePort();
  const agent = await Agent.listening(port, 7);
  agent.add("sys_cond", "Normal", AT);
  agent.add("exec", "ACTIVE", AT);
  const receiver = new Collected();
  const { connector } = connectorOf(connectionsTo(port), { receiver, folder: temporaryFolder() });
  await until("what is now", () => receiver.events.length === 1 || undefined);
  await agent.stop();
  await until("no data", () => receiver.events.length === 2 || undefined);
  const again = await Agent.listening(port, 8);
  again.add("sys_cond", "Normal", Date.now());
  again.add("exec", "READY", Date.now());
  await until("what is then", () => receiver.events.length === 3 || undefined);
  expect(receiver.events.map(({ state }) => state)).toEqual(["running", "unknown", "idle"]);
  expect(connector.status().connections[0]?.gaps).toMatchObject([{ why: "the agent was started anew" }]);
});
