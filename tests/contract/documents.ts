/** The OpenAPI documents of gateways by their origin: those of gateways in the process of a test, and those that were read by HTTP. */
import type { OpenApi } from "./openapi.ts";

export const documents: Map<string, OpenApi> = new Map();
