/** Requests to the HTTP API. A request that it refuses throws an `ApiProblem` with the code and detail of the problem document. */

export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly status: number;
  readonly code: string;
  /** Further members of the problem document, which some codes have. */
  readonly more: Readonly<Record<string, unknown>>;

  constructor(status: number, code: string, detail: string, more: Readonly<Record<string, unknown>> = {}) {
    super(detail);
    this.status = status;
    this.code = code;
    this.more = more;
  }

  /** Whether the same request may succeed later. */
  get passing(): boolean {
    return this.status === 401 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** What was thrown, as an error. */
export function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

export interface Answer<T> {
  readonly body: T;
  /** The instant up to which the answer is true (epoch ms). */
  readonly reflects: number;
  readonly headers: Headers;
}

export type Parameters = Readonly<Record<string, string | number | null | undefined>>;

/** Path and query of a request below `/api/v1`; parameters that are `null` or missing are left out. */
export function apiUrl(path: string, parameters: Parameters = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined) query.set(name, String(value));
  }
  const text = query.toString();
  return `/api/v1${path}${text === "" ? "" : `?${text}`}`;
}

/** Requests `url` and reads the JSON of its answer. Throws `ApiProblem`, or what `fetch` throws where there is no network. */
export async function ask<T>(url: string, init: RequestInit = {}): Promise<Answer<T>> {
  const response = await fetch(url, { credentials: "same-origin", ...init });
  if (!response.ok) {
    const problem = await problemOf(response);
    // A form that is refused stays, with what was typed into it.
    if (problem.code === "OEE_HTTP_SIGN_IN" && init.method === undefined) leadToSignIn();
    throw problem;
  }
  const body = (await response.json()) as T;
  const reflects = Date.parse(response.headers.get("oee-reflects") ?? "");
  return { body, reflects, headers: response.headers };
}

/** Opens the page to sign in, where there is no session any more; entries that wait to be sent stay in the outbox. */
export function leadToSignIn(): void {
  const { pathname, search } = location;
  if (pathname !== "/sign-in")
    location.assign(`/sign-in?${new URLSearchParams({ next: pathname + search }).toString()}`);
}

async function problemOf(response: Response): Promise<ApiProblem> {
  try {
    const problem = (await response.json()) as Readonly<Record<string, unknown>>;
    const { code, detail } = problem as { readonly code?: string; readonly detail?: string };
    return new ApiProblem(response.status, code ?? "", detail ?? response.statusText, problem);
  } catch {
    return new ApiProblem(response.status, "", response.statusText);
  }
}
