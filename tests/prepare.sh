#!/usr/bin/env bash
# Gets what the tests need and this machine lacks: Chromium with fonts, Prometheus, Java with Maven and Python as Debian packages
# (where we may install any), Kafka's jars by Maven, IANA's time zones and Kafka clients from PyPI. Says in one line what to install where it cannot.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

missing=()
[[ -x ${CHROMIUM:-/usr/bin/chromium-headless-shell} ]] || missing+=(chromium-headless-shell)
fc-list 2> /dev/null | grep -i dejavu > /dev/null || missing+=(fonts-dejavu-core fontconfig)
fc-list 2> /dev/null | grep -i 'noto.*cjk' > /dev/null || missing+=(fonts-noto-cjk)
[[ -e /usr/share/fonts/truetype/noto/NotoSans-Regular.ttf ]] || missing+=(fonts-noto-core)
command -v openssl > /dev/null || missing+=(openssl)
{ command -v prometheus && command -v promtool; } > /dev/null || missing+=(prometheus)
command -v java > /dev/null || missing+=(openjdk-17-jre-headless)
command -v mvn > /dev/null || missing+=(maven)
[[ -x $(command -v mosquitto || echo /usr/sbin/mosquitto) ]] || missing+=(mosquitto)
compgen -G '/usr/lib/postgresql/*/bin/initdb' > /dev/null || missing+=(postgresql)
python3 -c 'import ensurepip, venv, sys; sys.exit(sys.version_info < (3, 9))' 2> /dev/null || missing+=(python3-venv)
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

cache=${XDG_CACHE_HOME:-$HOME/.cache}/open-oee

# A Python of its own for each thing from PyPI, and one pip for all: to put pip into each takes longer than most of what it gets.
pip=$cache/pip
python_with() {
  local folder=$1
  shift
  [[ -x $pip/bin/pip ]] || python3 -m venv --clear "$pip"
  python3 -m venv --clear --without-pip "$folder"
  "$pip/bin/pip" --python "$folder/bin/python" install --quiet --disable-pip-version-check "$@"
}

# schemathesis, which tries the HTTP API by its document.
program=$cache/schemathesis-4.32.5
if [[ ! -e $program/ready ]]; then
  echo "getting schemathesis 4.32.5 from PyPI" >&2
  python_with "$program" --no-deps -r api/requirements.txt
  touch "$program/ready"
fi

# The npm that comes with Node 20 and 22, which is stricter than later ones. The one at hand may be any.
npm=$cache/npm-10.8.2
if [[ ! -e $npm/ready ]]; then
  echo "getting npm 10.8.2" >&2
  rm -rf "$npm"
  npm install --prefix "$npm" --silent --no-audit --no-fund npm@10.8.2
  touch "$npm/ready"
fi

# IANA's time zones from PyPI: the release that the product ships, with what Python makes of it, and an older one.
for tzdata in 2026.6 2025.3; do
  zones=$cache/tzdata-$tzdata
  [[ -e $zones/ready ]] && continue
  echo "getting tzdata $tzdata from PyPI" >&2
  python_with "$zones" --no-deps --target "$zones/package" "tzdata==$tzdata"
  if [[ $tzdata == 2026.6 ]]; then
    PYTHONPATH=$zones/package "$zones/bin/python" zones/dump.py > "$zones/offsets.json"
  fi
  touch "$zones/ready"
done

# Other people's Kafka clients from PyPI, which send what the product must read. The number goes up with any version.
clients=$cache/kafka-clients-1
if [[ ! -e $clients/ready ]]; then
  echo "getting Kafka clients from PyPI" >&2
  python_with "$clients" confluent-kafka==2.16.1 aiokafka==0.14.0 cramjam==2.14.0
  touch "$clients/ready"
fi

# A Modbus device from PyPI.
modbus=$cache/pymodbus-3.16.1
if [[ ! -e $modbus/ready ]]; then
  echo "getting pymodbus 3.16.1 from PyPI" >&2
  python_with "$modbus" pymodbus==3.16.1
  touch "$modbus/ready"
fi

# An OPC UA server from PyPI.
opcua=$cache/asyncua-2.1.0
if [[ ! -e $opcua/ready ]]; then
  echo "getting asyncua 2.1.0 from PyPI" >&2
  python_with "$opcua" asyncua==2.1.0
  touch "$opcua/ready"
fi

# Sparkplug edge nodes from PyPI, which want different versions of an MQTT client. The number goes up with any version.
sparkplug=$cache/sparkplug-1
if [[ ! -e $sparkplug/ready ]]; then
  echo "getting Sparkplug edge nodes from PyPI" >&2
  for package in pysparkplug==0.6.1 "mqtt-spb-wrapper==2.1.2 paho-mqtt==1.6.1"; do
    # shellcheck disable=SC2086 # several packages
    python_with "$sparkplug/${package%%==*}" $package
  done
  touch "$sparkplug/ready"
fi

# And one from npm.
sparkplug=$cache/sparkplug-client-3.2.4
if [[ ! -e $sparkplug/ready ]]; then
  echo "getting sparkplug-client 3.2.4" >&2
  rm -rf "$sparkplug"
  npm install --prefix "$sparkplug" --silent --no-audit --no-fund --ignore-scripts sparkplug-client@3.2.4
  touch "$sparkplug/ready"
fi

# Peers in Java by Maven: an OPC UA server and an encoder of Sparkplug B. The number goes up with any version.
peers=$cache/java-peers-1
if [[ ! -e $peers/ready ]]; then
  echo "getting Eclipse Milo and Tahu by Maven" >&2
  rm -rf "$peers"
  mvn -q -B -f connect/java/pom.xml dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$peers" > /dev/null
  touch "$peers/ready"
fi

# Keycloak, an OpenID provider, from Maven Central.
keycloak=$cache/keycloak-26.5.6
if [[ ! -e $keycloak/ready ]]; then
  echo "getting Keycloak 26.5.6 by Maven" >&2
  folder=$(mktemp -d)
  mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
    -Dartifact=org.keycloak:keycloak-quarkus-dist:26.5.6:zip "-DoutputDirectory=$folder" > /dev/null
  rm -rf "$keycloak"
  python3 -c 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])' "$folder"/*.zip "$cache"
  chmod +x "$keycloak/bin/kc.sh"
  rm -rf "$folder"
  touch "$keycloak/ready"
fi

# Statistics of pilots by another hand, from PyPI.
statistics=$cache/statsmodels-0.14.6
if [[ ! -e $statistics/ready ]]; then
  echo "getting statsmodels 0.14.6 from PyPI" >&2
  python_with "$statistics" --no-deps statsmodels==0.14.6 numpy==2.3.5 scipy==1.16.3 \
    pandas==2.3.3 patsy==1.0.2 packaging==25.0 python-dateutil==2.9.0.post0 pytz==2025.2 tzdata==2025.2 six==1.17.0
  touch "$statistics/ready"
fi
