/** The plant's reasons as a tree to walk (TL-6), from the list that `GET /plant` answers. */
import type { PlantReason } from "@oee/protocol";

export class ReasonIndex {
  readonly #byPath = new Map<string, PlantReason>();
  readonly #children = new Map<string, PlantReason[]>();

  constructor(reasons: readonly PlantReason[]) {
    for (const reason of reasons) {
      this.#byPath.set(reason.path, reason);
      const parent = parentOf(reason.path);
      const siblings = this.#children.get(parent);
      if (siblings === undefined) this.#children.set(parent, [reason]);
      else siblings.push(reason);
    }
  }

  reason(path: string): PlantReason | undefined {
    return this.#byPath.get(path);
  }

  /** What lies right below a path, vague ones last; `""` is the top. */
  below(path: string): readonly PlantReason[] {
    const children = this.#children.get(path) ?? [];
    return [...children.filter(({ vague }) => !vague), ...children.filter(({ vague }) => vague)];
  }

  /** The name, else the last part of the path (TL-6: what the tree lacks is kept as it is). */
  nameOf(path: string): string {
    return this.#byPath.get(path)?.name ?? path.slice(path.lastIndexOf("/") + 1);
  }

  /** Whether a stop with this reason still needs one; what the tree lacks is as the part of it that the tree has (TL-6). */
  isVague(path: string): boolean {
    const known = this.#byPath.get(path);
    if (known !== undefined) return known.vague;
    const above = parentOf(path);
    return above !== "" && this.isVague(above);
  }

  /** Names from the top down to the path's parent. */
  namesAbove(path: string): readonly string[] {
    const parts = path.split("/");
    return parts.slice(0, -1).map((_, i) => this.nameOf(parts.slice(0, i + 1).join("/")));
  }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
