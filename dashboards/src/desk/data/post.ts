/** Puts something in; what the server refuses comes as its own words. */
import { apiUrl, ask } from "../../shared/api/ask.ts";
import { signed } from "../../shared/api/session.ts";

/** `null`: taken; else why not, an `ApiProblem` where the server refused. */
export async function post(
  path: string,
  body: Readonly<Record<string, unknown>> & { readonly by?: string },
): Promise<Error | null> {
  const headers = { "content-type": "application/json" };
  try {
    await ask(apiUrl(path), { method: "POST", headers, body: JSON.stringify(await signed(body)) });
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
