# payrun in an image of its own: one static binary, the certificates it trusts,
# the time zones it prints, and nothing else to keep patched.
#
#   docker build --build-arg VERSION="$(git describe --tags --always)" -t payrun .
#   docker run --rm -v payrun-data:/data payrun version
#
# script/dockerfile-check examines this file and builds the same binary without an
# engine.

FROM golang:1.26 AS build
ARG VERSION=dev
WORKDIR /src

# The modules change less often than the code: a layer of their own.
COPY go.mod go.sum ./
RUN go mod download

COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" \
    -o /image/payrun ./cmd/payrun

# /tmp is where a workbook is put together before it is moved into place.
RUN mkdir -p /image/data /image/tmp /image/etc/ssl/certs && \
    chmod 0700 /image/data && chmod 1777 /image/tmp && \
    cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ && \
    cp "$(go env GOROOT)/lib/time/zoneinfo.zip" /image/zoneinfo.zip

# Nothing but what was gathered above: no shell, no package manager. Chosen over a
# distribution's smallest image because three files need no base to come from.
FROM scratch
COPY --from=build --chown=65532:65532 /image/ /
ENV ZONEINFO=/zoneinfo.zip

# A number, so that "must not run as root" can be checked before the start. With a
# folder of the host's instead of a volume, add --user "$(id -u):$(id -g)".
USER 65532:65532

# The reports (payrun-report/) are written into the working folder, the ledger and its
# anchors below state/ in it. The ledger is what makes a repeated run safe: it must
# outlive the container, and it must lie on a disk of this machine, not on a network
# share.
ENV XDG_STATE_HOME=/data/state
WORKDIR /data
VOLUME ["/data"]

# No HEALTHCHECK: a run is a job that ends, and its exit code is its health. An
# orchestrator that restarted a run for being slow would only make it ask the
# provider again.

ENTRYPOINT ["/payrun"]
