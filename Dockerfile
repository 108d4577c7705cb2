# NOT RUN YET: there was no container engine where this was written.
#
#   docker build -t open-oee . && docker run --rm -p 127.0.0.1:8080:8080 -v oee-data:/data open-oee

FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY . .
# Builds, too (`prepare`). All native parts come with their packages: nothing is compiled here.
RUN npm ci && npm prune --omit=dev --ignore-scripts

FROM node:22-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production OEE_HOST=0.0.0.0 OEE_PORT=8080 OEE_DATA=/data
RUN mkdir /data && chown node:node /data
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/packages ./packages
COPY --from=build /app/services ./services
COPY --from=build /app/dashboards/package.json ./dashboards/
COPY --from=build /app/dashboards/dist ./dashboards/dist
COPY deploy/send-lines.mjs ./deploy/
USER node
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.OEE_PORT}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Node as process 1 gets the signals itself, and ends in order.
ENTRYPOINT ["/app/services/oee/bin/oee.js"]
CMD ["start"]
