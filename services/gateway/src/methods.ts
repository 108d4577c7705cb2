/** The methods that each address has, for answers of 405 with `Allow`. */
import type { FastifyInstance } from "fastify";

export class Methods {
  readonly #routes = new Map<string, { readonly matches: RegExp; readonly methods: Set<string> }>();

  /** Notes every route that is added from now on. */
  watch(app: FastifyInstance): void {
    app.addHook("onRoute", ({ url, method }) => {
      let route = this.#routes.get(url);
      if (route === undefined) this.#routes.set(url, (route = { matches: patternOf(url), methods: new Set() }));
      for (const name of [method].flat()) route.methods.add(name);
    });
  }

  /** The methods of an address without its query; empty: there is no route. */
  of(url: string): readonly string[] {
    const found = new Set<string>();
    for (const { matches, methods } of this.#routes.values()) {
      if (matches.test(url)) for (const method of methods) found.add(method);
    }
    return [...found].toSorted();
  }
}

/** `/corrections/:id` and `/wall/*`, as fastify reads them. */
function patternOf(url: string): RegExp {
  const parts = url.split("/").map((part) => {
    if (part === "*") return ".*";
    return part.startsWith(":") ? "[^/]+" : part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  });
  return new RegExp(`^${parts.join("/")}$`);
}
