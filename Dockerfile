# The operator and the agents' runner in one small image. `make image` builds it.
# Give SWIFT_IMAGE and BASE_IMAGE by digest where builds must be repeatable.
ARG SWIFT_IMAGE=swift:6.3-bookworm
ARG BASE_IMAGE=debian:bookworm-slim

FROM ${SWIFT_IMAGE} AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends libcurl4-openssl-dev libssl-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /source
# Dependencies change rarely: they are fetched before the sources are there.
COPY Package.swift Package.resolved* ./
RUN swift package resolve
COPY Sources ./Sources
COPY Tests ./Tests
# The runner is copied into images that may have no libraries at all, so it is static as a whole. The
# operator links the system's libcurl, and Swift's own libraries statically.
RUN swift build -c release --product swiftlet-agent -Xswiftc -static-executable \
 && swift build -c release --product swiftlet-operator --static-swift-stdlib --scratch-path .build-operator \
 && mkdir -p /out/usr/local/bin \
 && cp "$(swift build -c release --show-bin-path)/swiftlet-agent" /out/usr/local/bin/ \
 && cp "$(swift build -c release --scratch-path .build-operator --show-bin-path)/swiftlet-operator" \
      /out/usr/local/bin/ \
 && strip /out/usr/local/bin/swiftlet-agent /out/usr/local/bin/swiftlet-operator

FROM ${BASE_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="swiftlet" \
      org.opencontainers.image.description="Operator and runner for pools of background agents" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0"
# Nobody in it becomes anybody else: no file has a set-user or set-group bit.
RUN apt-get update \
 && apt-get install -y --no-install-recommends libcurl4 ca-certificates tzdata \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 10001 swiftlet \
 && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin swiftlet \
 && find / -xdev -type f -perm /6000 -exec chmod a-s {} +
COPY --from=build /out/ /
USER 10001:10001
EXPOSE 8443 8080
ENTRYPOINT []
CMD ["swiftlet-operator"]
