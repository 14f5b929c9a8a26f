# One image for every program here; the command chooses which. There is no build step: Node runs TypeScript as it is.
ARG NODE_IMAGE=node:24-slim

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
# The manifests alone, so that this layer is made anew only when they change. npm wants those of all workspaces.
COPY package.json package-lock.json .npmrc ./
COPY schemas/package.json schemas/
COPY packages/analytics/package.json packages/analytics/
COPY packages/callback-token/package.json packages/callback-token/
COPY packages/cli/package.json packages/cli/
COPY packages/client/package.json packages/client/
COPY packages/kafka/package.json packages/kafka/
COPY packages/service-kit/package.json packages/service-kit/
COPY packages/stack/package.json packages/stack/
COPY packages/verihubs-simulator/package.json packages/verihubs-simulator/
COPY services/callback-ingest/package.json services/callback-ingest/
COPY services/sender/package.json services/sender/
COPY test/package.json test/
# All workspaces but stack and test. No package runs a script of its own here: none of those in use needs one.
RUN npm ci --omit=dev --ignore-scripts --no-progress \
      --workspace=schemas \
      --workspace=packages/analytics \
      --workspace=packages/callback-token \
      --workspace=packages/cli \
      --workspace=packages/client \
      --workspace=packages/kafka \
      --workspace=packages/service-kit \
      --workspace=packages/verihubs-simulator \
      --workspace=services/callback-ingest \
      --workspace=services/sender

FROM ${NODE_IMAGE}
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app ./
COPY schemas schemas
COPY packages packages
COPY services services
# callback-ingest's spool: a volume is laid over it, and takes its owner over.
RUN install -d -o 1000 -g 1000 -m 700 /var/lib/whatsapp-stream/spool
ENV SPOOL_DIR=/var/lib/whatsapp-stream/spool
# The image's user `node`. As a number, because Kubernetes' runAsNonRoot cannot judge a name.
USER 1000:1000
# Without a shell between, so that SIGTERM reaches the program. callback-ingest: services/callback-ingest/src/main.ts
CMD ["node", "services/sender/src/main.ts"]
