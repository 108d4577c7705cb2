/** The plant's scopes as dashboards use them: by path, with those above and below each. */
import type { PlantDescription, PlantScope } from "@oee/protocol";
import { ApiProblem, ask } from "./api/ask.ts";

const RETRY_MAX_MS = 10_000;

/**
 * Asks for the plant until the server answers, so that a screen that was switched on before its server shows it. Opens the page to
 * sign in where nobody is signed in.
 */
export async function fetchPlant(onFailure: (problem: string) => void): Promise<PlantDescription> {
  for (let attempt = 0; ; attempt++) {
    try {
      return (await ask<PlantDescription>("/api/v1/plant")).body;
    } catch (error) {
      if (error instanceof ApiProblem) onFailure(`HTTP ${error.status}`);
      else onFailure(error instanceof Error ? error.message : String(error));
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(RETRY_MAX_MS, 500 * 2 ** Math.min(attempt, 10))));
  }
}

export class PlantIndex {
  readonly description: PlantDescription;
  readonly #byPath = new Map<string, PlantScope>();
  readonly #children = new Map<string, PlantScope[]>();

  constructor(description: PlantDescription) {
    this.description = description;
    for (const scope of description.scopes) {
      this.#byPath.set(scope.path, scope);
      if (scope.parent === null) continue;
      const siblings = this.#children.get(scope.parent);
      if (siblings === undefined) this.#children.set(scope.parent, [scope]);
      else siblings.push(scope);
    }
  }

  scope(path: string): PlantScope | undefined {
    return this.#byPath.get(path);
  }

  children(path: string): readonly PlantScope[] {
    return this.#children.get(path) ?? [];
  }

  /** All scopes of a kind at or below `path`, in the plant's order. */
  below(path: string, kind: PlantScope["kind"]): readonly PlantScope[] {
    const scope = this.#byPath.get(path);
    if (scope === undefined) return [];
    if (scope.kind === kind) return [scope];
    return this.children(path).reduce<PlantScope[]>((found, child) => found.concat(this.below(child.path, kind)), []);
  }

  /** The scopes from the site down to the scope's parent, without the enterprise, which is the same on every screen. */
  ancestors(path: string): readonly PlantScope[] {
    const found: PlantScope[] = [];
    let parent = this.#byPath.get(path)?.parent ?? null;
    while (parent !== null) {
      const scope = this.#byPath.get(parent);
      if (scope === undefined || scope.kind === "enterprise") break;
      found.unshift(scope);
      parent = scope.parent;
    }
    return found;
  }
}
