# The cloud service with the phone page in it.
#
#   docker build -f deploy/cloud.Dockerfile -t flockwise-cloud:0.1.0 .
#
# The Node version is that of package.json (devDependencies.node); test/deployment holds the two together.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

FROM ${NODE_IMAGE} AS page
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json ./
COPY domain ./domain
COPY dashboards ./dashboards
RUN npx vite build dashboards

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM ${NODE_IMAGE}
ENV NODE_ENV=production
WORKDIR /opt/flockwise
COPY --from=dependencies /build/node_modules ./node_modules
COPY package.json LICENSE ./
COPY deploy/back-up.sh ./deploy/back-up.sh
COPY domain ./domain
COPY sqlite-file ./sqlite-file
COPY request-signing ./request-signing
COPY cloud ./cloud
COPY --from=page /build/dashboards/dist ./dashboards/dist
# A named volume takes over the owner of the folder that it covers.
RUN install --directory --owner=node --group=node --mode=0750 /var/lib/flockwise
VOLUME /var/lib/flockwise
USER node
ENV FLOCKWISE_HOST=0.0.0.0 FLOCKWISE_PORT=8080 FLOCKWISE_DATA_DIR=/var/lib/flockwise
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "--eval", "fetch('http://127.0.0.1:8080/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "cloud/main.ts"]
