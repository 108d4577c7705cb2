/** Runs a connector in this process, with the connections of a text. */
import { Connector, type ConnectorOptions, parseConnections } from "../../services/connectors/src/index.ts";
import { onTestFinished } from "vitest";

export const FILLER = "berlin/packing/l1/filler";

export interface Started {
  readonly connector: Connector;
  readonly told: string[];
}

/** `machines`: those of a plant. */
export function connectorOf(
  text: string,
  options: Pick<ConnectorOptions, "receiver" | "folder"> & Partial<ConnectorOptions>,
  machines: ReadonlySet<string> | null = null,
): Started {
  const result = parseConnections(text, "connections.yaml", machines, process.env);
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join("\n"));
  const told: string[] = [];
  const connector = new Connector({
    connections: result.connections,
    outboxBytesMax: 1 << 20,
    clock: Date.now,
    log: (_level, message, fields) => told.push(`${message} ${JSON.stringify(fields)}`),
    ...options,
  });
  onTestFinished(() => connector.close());
  return { connector, told };
}
