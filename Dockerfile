# An image with ormlint, from a clone of this repository:
#
#   docker build -t ormlint .
#   docker run --rm -v "$PWD:/work" ormlint check --source .
#
# Debian first, since .ci/ships runs these very commands on Debian.
FROM golang:1.26-bookworm AS build
# hadolint ignore=DL3008,DL3009 # any version will do, and of this stage only the binary is kept
RUN apt-get -qq update \
 && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends musl-tools
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN bash .ci/binary /out/ormlint

# Not scratch: CI systems want a shell in the image, and ormlint asks git what a
# branch has changed.
FROM alpine:3.22
# hadolint ignore=DL3018 # Alpine keeps only the newest version of a package
RUN apk add --no-cache git
# The mounted repository has another owner than the user below.
ENV GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=*
COPY --from=build /out/ormlint /usr/local/bin/ormlint
COPY LICENSE /usr/share/licenses/ormlint/
USER 10001:10001
WORKDIR /work
ENTRYPOINT ["ormlint"]
CMD ["--help"]
