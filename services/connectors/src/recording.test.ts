import { expect, test } from "vitest";
import { parseConnections } from "./connections-file.ts";
import type { Observation, SourceHost } from "./port.ts";
import { type Recorded, recordingHost } from "./recording.ts";

test("texts of all signals that the mapping uses are recorded, those of machines inside of PackML states too, and no others", async () => {
  const text = `connections: { c: { protocol: opcua, url: 'opc.tcp://h', machines: { s/a/l/m: {
    signals: { base: i=1, held: i=2, code: i=3, product: i=4, operator: i=5 },
    state: { packml: [base], held: held }, reason: { of: code, codes: { x: jam } }, product: product } } } }`;
  const result = parseConnections(text, "connections.yaml", null, {});
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join("\n"));
  const [connection] = result.connections;
  if (connection === undefined) throw new Error("no connection");
  const recorded: Recorded[] = [];
  const passedOn: Observation[] = [];
  const take = (observations: readonly Observation[]): Promise<void> => {
    passedOn.push(...observations);
    return Promise.resolve();
  };
  const host: Pick<SourceHost, "clock" | "observed" | "heard"> = { clock: () => 7, observed: take, heard: take };
  const recording = recordingHost(host as SourceHost, connection, false, (line) => void recorded.push(line));
  const observations = connection.signals.map(
    ({ machine, signal }): Observation => ({
      ...{ machine, signal, value: `text of ${signal}`, quality: "good", at: 5, stamped: "source", age: "live" },
    }),
  );
  await recording.observed(observations);
  await recording.heard(observations);
  expect(passedOn).toEqual([...observations, ...observations]);
  const shown = recorded.map((line) => (line.said === "observed" ? line.observations.map(({ value }) => value) : []));
  const texts = ["text of base", "text of held", "text of code", "text of product", "…"];
  expect(shown).toEqual([texts, texts]);
});
