/** Holds JSON answers to the OpenAPI document of the gateway that gave them. Answers that the document does not name must be problem documents. */
import { checkAgainst, PROBLEM } from "./check.ts";

interface Described {
  readonly content?: Readonly<Record<string, { readonly schema?: object }>>;
}

export interface OpenApi {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, Described>> }>>>
  >;
}

/** Throws if a JSON answer differs from the schema that the document has for its route, method and status. */
export function checkAnswer(document: OpenApi, method: string, path: string, status: number, value: unknown): void {
  const what = `the answer ${status} of ${method} ${path}`;
  const route = Object.entries(document.paths).find(([template]) => patternOf(template).test(path))?.[1];
  const content = route?.[method.toLowerCase()]?.responses[String(status)]?.content ?? {};
  const schema = content["application/json"]?.schema ?? content["application/problem+json"]?.schema ?? PROBLEM;
  checkAgainst(schema, value, what);
}

function patternOf(template: string): RegExp {
  return new RegExp(`^${template.replaceAll(/[.*+?^$()|[\]\\]/g, "\\$&").replaceAll(/\{\w+\}/g, "[^/]+")}$`);
}
