# Two images from one build. tests/image builds and runs both; docs/production.md says what was run and how large they are.
#
#   docker build -t open-oee .                            all in one container: the log and ClickHouse are embedded
#   docker build -t open-oee-scaled-out --target scaled-out .   without ClickHouse, for a server of it and Kafka
#
#   docker run --rm -p 127.0.0.1:8080:8080 -e OEE_INSECURE_OPEN=true -v oee-data:/data open-oee
#
# A container listens on all addresses: without sign-in and TLS (docs/access.md) it has to be told that this is meant.

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY . .
# Builds, too (`prepare`). All native parts come with their packages: nothing is compiled here.
RUN npm ci
# What runs is what the command line needs: the bundle, whose maps name our sources in messages, and packages, of which some are
# loaded and all have their licences; nothing of the dashboards' sources, of tests and of tools. Types, sources, tests and source
# maps of packages are for those who develop, and libraries for musl for another base. ClickHouse's library, two thirds of all, goes
# into a layer of its own.
RUN rm -rf node_modules */*/node_modules dashboards/node_modules \
  && npm ci --omit=dev --ignore-scripts --workspace @oee/cli \
  && mkdir -p /shipped/app /shipped/embedded \
  && tar -c --exclude='*.ts' --exclude='*.cts' --exclude='*.mts' --exclude='*.map' --exclude='*.tsbuildinfo' \
    --exclude='*.musl.node' --exclude='*/test' --exclude='*/tests' \
    package.json node_modules $(ls -d packages/*/package.json packages/*/node_modules \
    services/*/package.json services/*/bin services/*/plants services/*/node_modules \
    dashboards/package.json dashboards/dist sbom.cdx.json deploy/send-lines.mjs 2> /dev/null) | tar -x -C /shipped/app \
  && cp -R services/oee/bundle /shipped/app/services/oee/ \
  && mkdir -p /shipped/embedded/node_modules && mv /shipped/app/node_modules/@chdb /shipped/embedded/node_modules/

FROM node:24-bookworm-slim AS scaled-out
WORKDIR /app
ENV NODE_ENV=production OEE_HOST=0.0.0.0 OEE_PORT=8080 OEE_DATA=/data
RUN mkdir /data && chown node:node /data
COPY --from=build /shipped/app ./
USER node
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.OEE_PORT}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Node as process 1 gets the signals itself, and ends in order.
ENTRYPOINT ["/app/services/oee/bin/oee.js"]
CMD ["start"]

FROM scaled-out AS embedded
COPY --from=build /shipped/embedded ./
