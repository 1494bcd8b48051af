# One image for every way to run Parley: alone with its embedded database in /data, or with DATABASE_URL set.

FROM oven/bun:1.4.5-slim AS packages
WORKDIR /app
COPY package.json bun.lock ./
COPY .patches .patches
# The peer dependencies that package.json does not name are for types alone: a compiler and declarations, 40 MB.
RUN bun install --frozen-lockfile --production --ignore-scripts --omit peer
# Source maps, other module systems' builds, and Postgres extensions that the embedded database does not load.
RUN find node_modules -name '*.map' -delete \
  && rm -f node_modules/@electric-sql/pglite/dist/*.tar.gz \
  && find node_modules/@electric-sql node_modules/drizzle-orm node_modules/@sinclair \( -name '*.cjs' -o -name '*.d.cts' \) -delete \
  && find node_modules/swagger-ui-dist -name '*.js' ! -name 'swagger-ui-bundle.js' ! -name 'absolute-path.js' ! -name 'index.js' -delete

FROM oven/bun:1.4.5-slim
WORKDIR /app
RUN mkdir /data && chown bun:bun /data
COPY --from=packages /app/node_modules node_modules
COPY package.json ./
COPY drizzle drizzle
COPY src src
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=8000 \
    DATA_DIR=/data
USER bun
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["bun", "-e", "const r = await fetch(`http://127.0.0.1:${process.env.PORT}/healthz`); process.exit(r.ok ? 0 : 1)"]
# Exec form: the signal to stop reaches the server itself.
CMD ["bun", "src/main.ts"]
