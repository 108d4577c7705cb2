/** What an OPC UA server has: the variables below its objects, with their values. The standard's own nodes are left out. */
import {
  AttributeIds,
  BrowseDirection,
  type ClientSession,
  NodeClass,
  type ReferenceDescription,
} from "node-opcua-client";
import type { Listed, Seen } from "../browse/seen.ts";
import { formatNodeName, type NodeName } from "./node-name.ts";
import type { OpcUaSettings } from "./settings.ts";
import { openSession } from "./session.ts";
import { isUsable, valuesIn } from "./values.ts";

const OBJECTS = "i=85";
const HIERARCHICAL = "i=33";
const VARIABLE: number = NodeClass.Variable;
const NODES_MAX = 10_000;
const DEPTH_MAX = 12;

export async function browseOpcUa(settings: OpcUaSettings, folder: string): Promise<Listed> {
  const server = await openSession(settings, folder);
  try {
    const { variables, isWhole } = await variablesOf(server.session);
    const nodes = variables.map(({ nodeId }) => ({ nodeId, attributeId: AttributeIds.Value }));
    const seen: Seen[] = [];
    for (let start = 0; start < nodes.length; start += 500) {
      const reads = await server.session.read(nodes.slice(start, start + 500));
      for (const [i, read] of reads.entries()) {
        const variable = variables[start + i];
        if (variable === undefined) continue;
        const { group, name } = variable;
        const node = addressOf(variable.nodeId, server.namespaces);
        const values = isUsable(read.statusCode.value) ? valuesIn(read) : [["", { value: null }] as const];
        for (const [field, found] of values) {
          const value = "value" in found ? found.value : null;
          if (field === "") seen.push({ protocol: "opcua", group, name, address: node, value });
          else seen.push({ protocol: "opcua", group, name: `${name}.${field}`, address: { node, field }, value });
        }
      }
    }
    return { seen, isWhole };
  } finally {
    await server.close();
  }
}

interface Variable {
  readonly nodeId: string;
  readonly group: string;
  readonly name: string;
}

async function variablesOf(
  session: ClientSession,
): Promise<{ readonly variables: readonly Variable[]; readonly isWhole: boolean }> {
  const variables: Variable[] = [];
  const known = new Set<string>();
  let level: readonly { nodeId: string; path: string }[] = [{ nodeId: OBJECTS, path: "" }];
  for (let depth = 0; depth < DEPTH_MAX && level.length > 0 && known.size < NODES_MAX; depth++) {
    const below: { nodeId: string; path: string }[] = [];
    for (const { nodeId, path } of level) {
      for (const { nodeId: childId, browseName, nodeClass } of await childrenOf(session, nodeId)) {
        const child = childId.toString();
        // The server's own nodes are in the standard's namespace.
        if (childId.namespace === 0 || known.has(child) || known.size >= NODES_MAX) continue;
        known.add(child);
        const name = browseName.name ?? child;
        const kind: number = nodeClass;
        if (kind === VARIABLE) variables.push({ nodeId: child, group: path, name });
        below.push({ nodeId: child, path: path === "" ? name : `${path}/${name}` });
      }
    }
    level = below;
  }
  return { variables, isWhole: known.size < NODES_MAX && level.length === 0 };
}

async function childrenOf(session: ClientSession, nodeId: string): Promise<readonly ReferenceDescription[]> {
  const description = {
    nodeId,
    browseDirection: BrowseDirection.Forward,
    referenceTypeId: HIERARCHICAL,
    includeSubtypes: true,
    nodeClassMask: NodeClass.Object | NodeClass.Variable,
    resultMask: 63,
  };
  const found: ReferenceDescription[] = [];
  let { references, continuationPoint } = await session.browse(description);
  found.push(...(references ?? []));
  while (continuationPoint !== undefined && continuationPoint !== null && continuationPoint.length > 0) {
    ({ references, continuationPoint } = await session.browseNext(continuationPoint, false));
    found.push(...(references ?? []));
  }
  return found;
}

/** By its namespace's URI. */
function addressOf(nodeId: string, namespaces: readonly string[]): string {
  const [, index = "0", identifier = nodeId] = /^ns=(\d+);(.+)$/s.exec(nodeId) ?? [];
  const name: NodeName = { uri: index === "0" ? null : (namespaces[Number(index)] ?? null), identifier };
  return formatNodeName(name);
}
