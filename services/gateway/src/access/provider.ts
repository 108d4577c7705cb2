/** Sign-in at an OpenID provider. */
import type { FastifyRequest } from "fastify";

export interface Provider {
  /** Where to sign out at the provider too; `null`: it has no such address. */
  leaveAddress(idToken: string | null, request: FastifyRequest): string | null;
}
