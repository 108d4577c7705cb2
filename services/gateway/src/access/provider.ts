/**
 * Sign-in at an OpenID provider: authorization code with PKCE, by openid-client. The provider's addresses are read
 * from its discovery document at the first sign-in, so that a gateway starts while the provider is away. Roles follow
 * from the groups that the provider names, by the settings.
 */
import { createHash } from "node:crypto";
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from "jose";
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  calculatePKCECodeChallenge,
  clockTolerance,
  type Configuration,
  discovery,
  enableNonRepudiationChecks,
  type IDToken,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from "openid-client";
import type { Grant } from "./roles.ts";
import { plainName } from "./names.ts";

export interface ProviderOptions {
  readonly issuer: string;
  readonly clientId: string;
  /** The client's secret; `null`: a public client. */
  readonly clientSecret: string | null;
  /** The address at which browsers reach the gateways; the provider leads back to `/sign-in/callback` below it. */
  readonly url: string;
  /** The roles of people by the provider's group. */
  readonly roles: ReadonlyMap<string, readonly Grant[]>;
  /** The claim of the ID token that lists the groups; dots lead into objects, as in `realm_access.roles`. */
  readonly groups: string;
}

/** What the browser keeps while its person is at the provider. */
export interface Flow {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** The path to open after the sign-in. */
  readonly next: string;
}

export interface SignedAt {
  readonly person: string;
  readonly name: string;
  readonly grants: readonly Grant[];
  readonly sid: string | null;
  readonly idToken: string;
}

const CLOCK_TOLERANCE_SECONDS = 30;
/** As openid-client waits for the provider's other answers: that somebody is signed out is said once. */
const ANSWERS_WITHIN_MS = 30_000;
const ASYMMETRIC = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];
const LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout";
const LOGOUT_MAX_AGE_SECONDS = 300;

export class Provider {
  readonly #options: ProviderOptions;
  #found: Promise<Configuration> | null = null;
  #keys: ReturnType<typeof createRemoteJWKSet> | null = null;

  constructor(options: ProviderOptions) {
    this.#options = options;
  }

  /** The provider's address to send the browser to, and what the browser must bring back. Throws where the provider does not answer. */
  async begin(next: string): Promise<{ readonly address: string; readonly flow: Flow }> {
    const config = await this.#config();
    const flow = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier(), next };
    const address = buildAuthorizationUrl(config, {
      redirect_uri: this.#callback(),
      scope: "openid profile",
      code_challenge: await calculatePKCECodeChallenge(flow.verifier),
      code_challenge_method: "S256",
      state: flow.state,
      nonce: flow.nonce,
    });
    return { address: address.href, flow };
  }

  /** The person that the provider sends back with the callback's `query`. Throws an `Error` where any part of it is not valid. */
  async finish(query: string, { state, nonce, verifier }: Flow): Promise<SignedAt> {
    const config = await this.#config();
    const tokens = await authorizationCodeGrant(config, new URL(`${this.#callback()}?${query}`), {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (claims === undefined || tokens.id_token === undefined) throw new Error("the provider sent no ID token");
    return {
      person: this.#personOf(claims.sub),
      name: nameIn(claims),
      grants: this.#grantsIn(claims),
      sid: typeof claims["sid"] === "string" ? claims["sid"] : null,
      idToken: tokens.id_token,
    };
  }

  /** The address at which the browser signs out at the provider too; `null`: the provider has none. */
  async leaveAddress(idToken: string): Promise<string | null> {
    try {
      const config = await this.#config();
      if (config.serverMetadata().end_session_endpoint === undefined) return null;
      const back = new URL("/sign-in", this.#options.url).href;
      return buildEndSessionUrl(config, { post_logout_redirect_uri: back, id_token_hint: idToken }).href;
    } catch {
      return null;
    }
  }

  /** The session, or the person, that a logout token ends. Throws an `Error` where the token is not the provider's, is not recent, or is no logout token. */
  async signedOut(logoutToken: string): Promise<{ readonly sid: string | null; readonly person: string | null }> {
    const config = await this.#config();
    const { issuer, jwks_uri: keys } = config.serverMetadata();
    if (keys === undefined) throw new Error("the provider has no keys");
    this.#keys ??= createRemoteJWKSet(new URL(keys), { timeoutDuration: ANSWERS_WITHIN_MS });
    const { payload } = await jwtVerify(logoutToken, this.#keys, {
      issuer,
      audience: this.#options.clientId,
      algorithms: ASYMMETRIC,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      maxTokenAge: LOGOUT_MAX_AGE_SECONDS,
    });
    if (!isLogout(payload)) throw new Error("the token is no logout token");
    const sid = typeof payload["sid"] === "string" ? payload["sid"] : null;
    return { sid, person: payload.sub === undefined ? null : this.#personOf(payload.sub) };
  }

  #callback(): string {
    return new URL("/sign-in/callback", this.#options.url).href;
  }

  #personOf(subject: string): string {
    const digest = createHash("sha256").update(`${this.#options.issuer}\n${subject}`).digest("hex");
    return `person-${digest.slice(0, 24)}`;
  }

  #grantsIn(claims: IDToken): readonly Grant[] {
    let value: unknown = claims;
    for (const part of this.#options.groups.split(".")) {
      value = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[part] : undefined;
    }
    const groups = Array.isArray(value) ? value : [value];
    return groups.flatMap((group) => (typeof group === "string" ? (this.#options.roles.get(group) ?? []) : []));
  }

  async #config(): Promise<Configuration> {
    const { issuer, clientId, clientSecret } = this.#options;
    const isClear = new URL(issuer).protocol === "http:";
    this.#found ??= discovery(
      new URL(issuer),
      clientId,
      { ...(clientSecret === null ? {} : { client_secret: clientSecret }), [clockTolerance]: CLOCK_TOLERANCE_SECONDS },
      undefined,
      // Without TLS only a provider on this machine is allowed, which the settings check.
      isClear ? { execute: [allowInsecureRequests] } : {},
    ).then((config) => {
      // Has openid-client check the signature of an ID token, though it came straight from the provider.
      enableNonRepudiationChecks(config);
      return config;
    });
    try {
      return await this.#found;
    } catch (error) {
      this.#found = null;
      throw error;
    }
  }
}

function isLogout(payload: JWTPayload): boolean {
  const events = payload["events"];
  const isOne = typeof events === "object" && events !== null && LOGOUT_EVENT in events;
  const isOf = payload.sub !== undefined || typeof payload["sid"] === "string";
  return isOne && isOf && payload["nonce"] === undefined;
}

function nameIn(claims: IDToken): string {
  const { name, preferred_username: user } = claims;
  const given = [user, name].find((one) => typeof one === "string" && one !== "");
  return plainName(typeof given === "string" ? given : claims.sub);
}
