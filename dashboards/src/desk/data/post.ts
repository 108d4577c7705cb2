/** Posts a body to the API; a refusal is returned in the server's words. */
import { apiUrl, ask, errorOf } from "../../shared/api/ask.ts";
import { signed } from "../../shared/api/session.ts";

/** Resolves with `null` when it was accepted, else with the error, an `ApiProblem` where the server refused. */
export async function post(
  path: string,
  body: Readonly<Record<string, unknown>> & { readonly by?: string },
): Promise<Error | null> {
  const headers = { "content-type": "application/json" };
  try {
    await ask(apiUrl(path), { method: "POST", headers, body: JSON.stringify(await signed(body)) });
    return null;
  } catch (error) {
    return errorOf(error);
  }
}
