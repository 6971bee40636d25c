# Small, without root, works with a read-only root file system:
#   docker build -t latchkey .
#   docker run --read-only -p 3000:3000 -v latchkey-data:/app/data -v "$PWD/policies:/app/policies:ro" \
#     -e SLACK_BOT_TOKEN -e SLACK_SIGNING_SECRET latchkey
# Without Slack credentials this is the playground, which listens on loopback only: use `npm start` for that.

FROM node:20-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# The install scripts are those of test tools; the build below is run by name.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund && node scripts/prune.js

FROM node:20-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json /app/LICENSE /app/manifest.yml ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/prisma ./prisma
COPY --from=build /app/policies ./policies
COPY --from=build /app/bin ./bin
COPY --from=build /app/dist ./dist
COPY --from=build /app/docs/policy-codes ./docs/policy-codes
# The only place that is written to, and only with SQLite.
RUN mkdir data && chown node:node data
VOLUME /app/data
USER node
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=10s --retries=3 \
  CMD ["node", "-e", "const {HOST, PORT} = process.env; const host = !HOST || HOST === '0.0.0.0' || HOST === '::' ? '127.0.0.1' : HOST.includes(':') ? `[${HOST}]` : HOST; fetch(`http://${host}:${PORT || 3000}/healthz`).then((res) => process.exit(res.ok ? 0 : 1), () => process.exit(1))"]
# As `npm start` does: docs/decisions/0008.
CMD ["node", "--single-threaded-gc", "bin/latchkey.js", "serve"]
