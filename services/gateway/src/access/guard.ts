/**
 * Lets a request in or refuses it, by the row of its route in `table.ts`, its caller, and the scopes that it names.
 * The route gets the plant reduced to what its caller may see (`plantOf`); what it writes carries its caller's identifier
 * (`signed`).
 */
import { isInScope } from "@oee/model";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { PlantInForce } from "../options.ts";
import { HttpProblem } from "../problems.ts";
import type { Access, Asked } from "./access.ts";
import { type Principal, scopesFor, scopesOfRole } from "./principal.ts";
import type { Proxies } from "./proxies.ts";
import type { Role } from "./roles.ts";
import { SeenPlants } from "./seen-plant.ts";
import { type Row, rowOf, SUBSCRIPTIONS } from "./table.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** The route's row of the table of who may do what. */
    readonly row?: Row;
  }
  interface FastifyRequest {
    /** The caller; `null`: it did not sign in, or the gateway has no sign-in. */
    who: Principal | null;
    /** The scopes for which the caller may use the route. */
    reach: readonly string[];
  }
}

/** A client of the live channel: who it is, and of which scopes it may see the live picture. */
export interface Admitted {
  readonly who: Principal | null;
  readonly reach: readonly string[];
}

const EVERYTHING = ["*"];

export class Guard {
  readonly #access: Access | null;
  readonly #plants: SeenPlants;
  readonly #proxies: Proxies;
  readonly #readOnly: boolean;

  /** `access` is `null` where the gateway has no sign-in: everybody may do everything. */
  constructor(access: Access | null, plant: () => PlantInForce, proxies: Proxies, readOnly: boolean) {
    this.#readOnly = readOnly;
    this.#access = access;
    this.#plants = new SeenPlants(plant);
    this.#proxies = proxies;
  }

  /** Gives every route that is added from now on its row of the table; throws where the table has none. */
  watch(app: FastifyInstance): void {
    app.decorateRequest("who", null);
    app.decorateRequest("reach");
    app.addHook("onRoute", (route) => {
      const [method = "GET"] = [route.method].flat();
      route.config = { ...route.config, row: rowOf(method, route.url) };
    });
    const access = this.#access;
    if (access === null) return;
    app.addHook("onSend", (request, _reply, payload, done) => {
      done(null, typeof payload === "string" && request.who?.kind === "person" ? access.names.shown(payload) : payload);
    });
  }

  /** Throws `HttpProblem` where a request may not pass. `false`: it was answered here, by leading a browser that opens a page to the sign-in. */
  admit(request: FastifyRequest, reply: FastifyReply): boolean {
    const access = this.#access;
    request.reach = EVERYTHING;
    const { row } = request.routeOptions.config;
    if (this.#readOnly && row?.changes === true) {
      throw new HttpProblem("OEE_HTTP_READ_ONLY", "this gateway was started with --read-only: ask another one");
    }
    if (access === null) return true;
    if (row === undefined) throw new Error(`${request.url} has no row`);
    request.who = access.whoIs(askedBy(request));
    if (request.who !== null) checkForgery(request);
    if (request.who?.kind === "person" && !row.byItself) access.sessions.noteActive(request.who.session);
    if (row.role === null) {
      request.reach = request.who === null ? [] : scopesFor(request.who, { role: "viewer", tokens: ["read", "wall"] });
      return true;
    }
    if (request.who === null) {
      if (isPageLoad(request)) {
        void reply.redirect(signInAddress(request.url), 303);
        return false;
      }
      throw new HttpProblem("OEE_HTTP_SIGN_IN", `expected a session or a token: ${row.does}`);
    }
    const scopes = scopesFor(request.who, row);
    // Who has no role before they have set a second factor is led to where they do.
    if (request.who.kind === "person" && request.who.grants.length === 0 && isPageLoad(request)) {
      void reply.redirect(signInAddress(request.url), 303);
      return false;
    }
    if (scopes.length === 0 || (row.reach === "plant" && !scopes.includes("*"))) {
      const where = row.reach === "plant" ? " for the whole plant" : "";
      throw new HttpProblem("OEE_HTTP_FORBIDDEN", `expected the role ${row.role}${where}: ${row.does}`);
    }
    request.reach = scopes;
    return true;
  }

  /** The plant as the caller of a route may see it. */
  plantOf(request: FastifyRequest): PlantInForce {
    return this.#plants.by(this.#access === null ? EVERYTHING : request.reach);
  }

  /** Throws `HttpProblem` where the caller does not hold a role for a scope, for what needs more than the role of the row. */
  expectRole(request: FastifyRequest, role: Role, scope: string): void {
    if (!this.holds(request, role, scope)) {
      throw new HttpProblem("OEE_HTTP_FORBIDDEN", `expected the role ${role} for ${scope}`);
    }
  }

  /** Whether the caller holds a role for a scope; where nobody signs in everybody does. */
  holds({ who }: FastifyRequest, role: Role, scope: string): boolean {
    if (this.#access === null) return true;
    const scopes = who?.kind === "person" ? scopesOfRole(who, role) : [];
    return scopes.some((held) => isInScope(scope, held));
  }

  /** A body with the caller's identifier as `by`. Throws `HttpProblem` where the body has a `by` itself. */
  signed(request: FastifyRequest, given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    if (this.#access === null) return given;
    if (given["by"] !== undefined && given["by"] !== null) {
      throw new HttpProblem("OEE_HTTP_BY_REFUSED", "by: found a name; expected none: it is whoever is signed in");
    }
    return { ...given, by: request.who?.kind === "person" ? request.who.id : null };
  }

  /** Whether people sign in. */
  get isOn(): boolean {
    return this.#access !== null;
  }

  /** Whether a review is signed off by another person than the one who presented it. */
  get fourEyes(): boolean {
    return this.#access?.options.fourEyes === true;
  }

  /** A function that puts names of people into a text of an answer, where its caller may read them. */
  shown(request: FastifyRequest): (text: string) => string {
    const access = this.#access;
    if (access === null || request.who?.kind !== "person") return (text) => text;
    return (text) => access.names.shown(text);
  }

  /** Lets a client of the live channel in; a text is the reason why not. */
  admitSocket(message: IncomingMessage): Admitted | string {
    const access = this.#access;
    if (access === null) return { who: null, reach: EVERYTHING };
    const who = access.whoIs(askedOn(message.headers, message, this.#proxies.isSecure(message)));
    if (who === null) return "sign-in";
    const reach = this.reachOf(who);
    return reach.length === 0 ? "forbidden" : { who, reach };
  }

  /** The scopes that a client of the live channel may see now; empty: it may see none any more. */
  reachOf(who: Principal): readonly string[] {
    const row = SUBSCRIPTIONS["SUBSCRIBE /live"];
    const now = this.#access?.isStill(who) ?? null;
    return row === undefined || now === null ? [] : scopesFor(now, row);
  }

  /** The plant reduced to some scopes. */
  seenBy(reach: readonly string[], plant: PlantInForce): PlantInForce {
    return this.#plants.by(reach, plant);
  }
}

function askedBy({ headers, raw, protocol }: FastifyRequest): Asked {
  return askedOn(headers, raw, protocol === "https");
}

function askedOn(headers: IncomingHttpHeaders, { socket }: Pick<IncomingMessage, "socket">, secure: boolean): Asked {
  const isChecked = socket instanceof TLSSocket && socket.authorized;
  const certificate = isChecked ? socket.getPeerCertificate().fingerprint256 : undefined;
  return { headers, secure, certificate: certificate?.replaceAll(":", "").toLowerCase() ?? null };
}

/** Throws `HttpProblem` where a request with cookies that changes something does not come from a page of ours: a browser sends our cookies with requests of other sites too. */
function checkForgery({ method, headers, who }: FastifyRequest): void {
  if (method === "GET" || method === "HEAD" || headers.authorization !== undefined || who === null) return;
  if (headers.cookie === undefined) return;
  // `Origin` was checked before (strangers.ts). Without it the browser must say `sec-fetch-site: same-origin`, or our script must have added `oee-request`.
  const isOurs =
    headers.origin !== undefined || headers["sec-fetch-site"] === "same-origin" || headers["oee-request"] !== undefined;
  if (isOurs) return;
  throw new HttpProblem("OEE_HTTP_FOREIGN_ORIGIN", "expected the header origin, or oee-request, with a cookie");
}

function isPageLoad({ method, headers }: FastifyRequest): boolean {
  return method === "GET" && (headers.accept ?? "").includes("text/html");
}

export function signInAddress(next: string): string {
  return `/sign-in?${new URLSearchParams({ next }).toString()}`;
}
