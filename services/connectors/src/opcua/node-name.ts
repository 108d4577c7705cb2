/**
 * Names of nodes as a connections file has them: `nsu=URI;s=Press.State`, with `s`, `i`, `g` or `b`, and without `nsu` for the
 * standard namespace. An index (`ns=2`) is refused: servers number their namespaces anew when they start.
 */
export interface NodeName {
  /** `null`: the standard namespace. */
  readonly uri: string | null;
  /** `s=…`, `i=…`, `g=…` or `b=…`. */
  readonly identifier: string;
}

const FORM = /^(?:nsu=(?<uri>[^;]+);)?(?<identifier>(?:s=.+|i=\d{1,10}|g=[0-9a-fA-F-]{36}|b=[A-Za-z0-9+/]+=*))$/s;

/** `null`: it is none. */
export function parseNodeName(text: string): NodeName | null {
  const groups = FORM.exec(text)?.groups;
  const identifier = groups?.["identifier"];
  return identifier === undefined ? null : { uri: groups?.["uri"] ?? null, identifier };
}

/** The node's identifier in a session; `null`: the server lacks its namespace. */
export function nodeIdIn({ uri, identifier }: NodeName, namespaces: readonly string[]): string | null {
  const index = uri === null ? 0 : namespaces.indexOf(uri);
  return index < 0 ? null : `ns=${index};${identifier}`;
}

export function formatNodeName({ uri, identifier }: NodeName): string {
  return uri === null ? identifier : `nsu=${uri};${identifier}`;
}
