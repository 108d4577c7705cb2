/** Routes of other parts of the same process beside the API; each part gives its answers itself. */
import type { FastifyInstance } from "fastify";
import type { OtherRoute } from "../options.ts";
import type { RouteContext } from "./context.ts";

/** The content policy of these pages, which have inline style and no scripts. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";
const RETRY_AFTER_SECONDS = "1";

export async function otherRoutes(
  app: FastifyInstance,
  { guard, plantOf }: Pick<RouteContext, "guard" | "plantOf">,
  routes: readonly OtherRoute[],
): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    for (const { method, path, answer } of routes) {
      scope.route({
        method,
        url: path,
        schema: { hide: true },
        handler: async (request, reply) => {
          const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
          const { status, type, body } = await answer({
            url: request.url,
            headers: request.headers,
            isSigned: guard.isOn,
            maySend: (machines) => {
              const { machineById } = plantOf(request).plant;
              return (
                !guard.isOn || request.reach.includes("*") || machines.every((machine) => machineById.has(machine))
              );
            },
            body: (bytesMax) => Promise.resolve(bytes.length > bytesMax ? null : bytes.toString("utf8")),
          });
          if (status === 503) void reply.header("retry-after", RETRY_AFTER_SECONDS);
          return reply
            .code(status)
            .headers({ "content-security-policy": POLICY, "cache-control": "no-store" })
            .type(type)
            .send(body);
        },
      });
    }
  });
}
