/**
 * Serves the built dashboards. The pages of wall, desk and tablet are not cached, so that a new version is seen on the next
 * load; their assets, whose names hold a digest of their content, are cached for ever.
 */
import { join } from "node:path";
import { fastifyStatic } from "@fastify/static";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { hostIn } from "../strangers.ts";

const ASSETS_MS = 365 * 24 * 3_600_000;

const PAGES = { "/wall": "index.html", "/review": "review.html", "/reasons": "reasons.html" };

/** Pages with a single address each. */
const SINGLE_PAGES = { "/sign-in": "sign-in.html", "/pair": "sign-in.html" };

export async function dashboardRoutes(app: FastifyInstance, folder: string): Promise<void> {
  const hide = { hide: true };
  await app.register(fastifyStatic, { root: folder, serve: false });
  await app.register(async (assets) => {
    assets.addHook("onRoute", (route) => {
      route.config = { ...route.config, rateLimit: false };
      route.schema = { ...route.schema, hide: true };
    });
    await assets.register(fastifyStatic, {
      root: join(folder, "assets"),
      prefix: "/assets/",
      decorateReply: false,
      index: false,
      immutable: true,
      maxAge: ASSETS_MS,
    });
  });
  app.get("/", { schema: hide }, (_request, reply) => reply.redirect("/wall"));
  // Served at the root: a service worker may only cache pages at or below its own path.
  app.get("/reasons-worker.js", { schema: hide }, (_request, reply) =>
    reply.header("cache-control", "no-cache").sendFile("reasons-worker.js", { cacheControl: false }),
  );
  const addresses = [
    ...Object.entries(PAGES).flatMap(([url, page]) => [[url, page] as const, [`${url}/*`, page] as const]),
    ...Object.entries(SINGLE_PAGES),
  ];
  for (const [path, page] of addresses) {
    {
      app.get(path, { schema: hide }, (request, reply) =>
        reply
          .header("content-security-policy", pagePolicy(request))
          .header("cache-control", "no-cache")
          .sendFile(page, { cacheControl: false }),
      );
    }
  }
}

/** The content policy of pages: scripts from this origin alone. The websocket is named besides `'self'`, which in older browsers does not include it. */
function pagePolicy({ headers }: FastifyRequest): string {
  const host = hostIn(headers) ?? "";
  const sockets = /^[a-z0-9.:[\]_-]+$/i.test(host) ? ` ws://${host} wss://${host}` : "";
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "worker-src 'self'",
    `connect-src 'self'${sockets}`,
    // The page that sets a wall screen up shows it in a frame.
    "frame-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'self'",
  ].join("; ");
}
