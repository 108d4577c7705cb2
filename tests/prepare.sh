#!/usr/bin/env bash
# Gets what the tests need and this machine lacks: Chromium with fonts and Java with Maven as Debian packages (where we
# may install any), and Kafka's jars by Maven. Says in one line what to install where it cannot.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

missing=()
[[ -x ${CHROMIUM:-/usr/bin/chromium} ]] || missing+=(chromium)
fc-list 2> /dev/null | grep -i dejavu > /dev/null || missing+=(fonts-dejavu-core fontconfig)
fc-list 2> /dev/null | grep -i 'noto.*cjk' > /dev/null || missing+=(fonts-noto-cjk)
[[ -e /usr/share/fonts/truetype/noto/NotoSans-Regular.ttf ]] || missing+=(fonts-noto-core)
command -v openssl > /dev/null || missing+=(openssl)
if [[ -z ${KAFKA_BROKERS:-} ]]; then
  command -v java > /dev/null || missing+=(openjdk-17-jre-headless)
  command -v mvn > /dev/null || missing+=(maven)
fi
if ((${#missing[@]} > 0)); then
  if [[ $(id -u) == 0 ]] && command -v apt-get > /dev/null; then
    echo "installing ${missing[*]}" >&2
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}"; } > /dev/null \
      || { echo "the tests need: apt-get install ${missing[*]}" >&2; exit 1; }
  else
    echo "the tests need: apt-get install ${missing[*]}" >&2
    exit 1
  fi
fi
