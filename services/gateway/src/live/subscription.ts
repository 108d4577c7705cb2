/** Checks a websocket client's `subscribe` message against the plant. */
import type { Plant } from "@oee/model";
import type { SubscribeRequest } from "@oee/protocol";

export function readSubscription(
  request: unknown,
  plant: Plant,
  scopesMax: number,
): Required<SubscribeRequest> | { readonly refused: string } {
  const {
    scopes,
    windows,
    machinesOf = [],
  } = (typeof request === "object" && request !== null ? request : {}) as Record<string, unknown>;
  if (!isTexts(scopes) || scopes.length < 1 || scopes.length > scopesMax) {
    return { refused: `expected scopes: 1 to ${scopesMax} scope paths` };
  }
  if (!isTexts(machinesOf) || machinesOf.length > scopesMax) {
    return { refused: `expected machinesOf: at most ${scopesMax} scope paths` };
  }
  const windowNames = plant.windows.map(({ name }) => name);
  if (!isTexts(windows) || windows.some((name) => !windowNames.includes(name))) {
    return { refused: `expected windows: any of ${windowNames.join(", ")}` };
  }
  const unknown = [...scopes, ...machinesOf].find((path) => !plant.scopes.has(path));
  if (unknown !== undefined) return { refused: `the plant has no scope ${JSON.stringify(unknown.slice(0, 200))}` };
  return {
    scopes: [...new Set(scopes)],
    windows: windowNames.filter((name) => windows.includes(name)),
    machinesOf: [...new Set(machinesOf)],
  };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
