/** The plant's reasons as a tree (TL-6), made from the list of `GET /plant`. */
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

  /** The reasons directly below a path, vague ones last; `""` is the top of the tree. */
  below(path: string): readonly PlantReason[] {
    const children = this.#children.get(path) ?? [];
    return [...children.filter(({ vague }) => !vague), ...children.filter(({ vague }) => vague)];
  }

  /** The reason's name; of a reason that the tree lacks, the last part of its path (TL-6). */
  nameOf(path: string): string {
    return this.#byPath.get(path)?.name ?? path.slice(path.lastIndexOf("/") + 1);
  }

  /** Whether a stop with this reason still needs one. A reason that the tree lacks is as vague as the part of its path that the tree has (TL-6). */
  isVague(path: string): boolean {
    const known = this.#byPath.get(path);
    if (known !== undefined) return known.vague;
    const above = parentOf(path);
    return above !== "" && this.isVague(above);
  }

  /** Names of the reasons above a path, from the top down. */
  namesAbove(path: string): readonly string[] {
    const parts = path.split("/");
    return parts.slice(0, -1).map((_, i) => this.nameOf(parts.slice(0, i + 1).join("/")));
  }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
