# The coop's box: edge and bridge in one image, as two services. The command says which one runs.
#
#   docker build -f deploy/edge.Dockerfile -t flockwise-edge:0.1.0 .
#
# The Node version is that of package.json (devDependencies.node); test/deployment holds the two together.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM ${NODE_IMAGE}
# Small boards: the young heap kept small, and stripped sources kept instead of stripped anew at each start
# (docs/decisions/edge-memory.md).
ENV NODE_ENV=production NODE_OPTIONS="--max-semi-space-size=16 --max-old-space-size=128" NODE_COMPILE_CACHE=/var/lib/flockwise/compile-cache
# Cameras and microphones are read through it.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ffmpeg \
  && rm --recursive --force /var/lib/apt/lists
WORKDIR /opt/flockwise
COPY --from=dependencies /build/node_modules ./node_modules
COPY package.json LICENSE ./
COPY deploy/back-up.sh ./deploy/back-up.sh
COPY domain ./domain
COPY sqlite-file ./sqlite-file
COPY request-signing ./request-signing
COPY node-file ./node-file
COPY firmware-bridge ./firmware-bridge
COPY edge ./edge
# A named volume takes over the owner of the folder that it covers.
RUN install --directory --owner=node --group=node --mode=0750 /var/lib/flockwise \
  && install --directory /etc/flockwise
VOLUME /var/lib/flockwise
USER node
CMD ["node", "edge/main.ts"]
