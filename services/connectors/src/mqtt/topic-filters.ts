/** Topic filters of MQTT as a tree of their levels, so that of thousands of them a message is compared only with those that begin as its topic does. */

/** What messages say is expected of a filter. */
export const FILTER = "a topic, in which + is a whole level and # the last one";

interface Level<T> {
  readonly below: Map<string, Level<T>>;
  /** What ends here. */
  readonly own: T[];
}

/** Whether brokers take it (MQTT 5.0, section 4.7.1). */
export function isFilter(text: string): boolean {
  const levels = text.split("/");
  return (
    text !== "" &&
    levels.every((level, i) => !/[+#]/.test(level) || level === "+" || (level === "#" && i === levels.length - 1))
  );
}

export class TopicFilters<T> {
  readonly #root: Level<T> = { below: new Map(), own: [] };

  add(filter: string, what: T): void {
    let at = this.#root;
    for (const level of filter.split("/")) {
      let next = at.below.get(level);
      if (next === undefined) at.below.set(level, (next = { below: new Map(), own: [] }));
      at = next;
    }
    at.own.push(what);
  }

  /** What was added under filters that have each topic of `topic` in them, which may be a filter itself. */
  of(topic: string): readonly T[] {
    const found: T[] = [];
    const levels = topic.split("/");
    const walk = (at: Level<T>, depth: number): void => {
      const level = levels[depth];
      // A wildcard at the beginning has none of the broker's own topics (4.7.2).
      const isOpen = depth > 0 || !topic.startsWith("$");
      if (isOpen) found.push(...(at.below.get("#")?.own ?? []));
      if (level === undefined) return void found.push(...at.own);
      if (level === "#") return;
      const [named, any] = [at.below.get(level), level === "+" || !isOpen ? undefined : at.below.get("+")];
      if (named !== undefined) walk(named, depth + 1);
      if (any !== undefined) walk(any, depth + 1);
    };
    walk(this.#root, 0);
    return found;
  }
}

/** Without those that another has in it: brokers send a message once for each of them, and what it adds would be added twice. */
export function widest(filters: readonly string[]): readonly string[] {
  const all = [...new Set(filters)];
  const tree = new TopicFilters<string>();
  for (const filter of all) tree.add(filter, filter);
  return all.filter((filter) => tree.of(filter).every((other) => other === filter));
}
