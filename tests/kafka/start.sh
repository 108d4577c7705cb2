#!/usr/bin/env bash
# Starts one Apache Kafka node (KRaft, broker and controller in one JVM) on 127.0.0.1; who calls it waits until it answers.
# Usage: start.sh DIR PORT CONTROLLER_PORT. DIR is for configuration, data, log and pid; if it has data, the
# broker starts on them. With OWNER_PID the broker is killed when that process ends. With SECURE_PORT it also listens there by
# TLS, with the certificate and key in SECURE_PEM, and SECURE_USER has to sign in with SECURE_PASSWORD; on CERTIFIED_PORT a
# client needs a certificate that SECURE_CA signed instead. With AUTHORIZED users may do only what an ACL permits, and
# DIR/kafka.log has what was denied.
# Needs Java 17 or newer, and the first time Maven: the jars stay in ${XDG_CACHE_HOME:-~/.cache}/open-oee.
# Failures end with one line on standard error that says what is missing.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
usage="usage: start.sh DIR PORT CONTROLLER_PORT"
mkdir -p "${1:?$usage}"
dir=$(cd "$1" && pwd); port=${2:?$usage}; controller=${3:?$usage}
fail() { echo "kafka: $*" >&2; exit 1; }

command -v java >/dev/null || fail "java not found: install Java 17 or newer, or name a broker in KAFKA_BROKERS"
version=$(sed -n 's:.*<kafka.version>\(.*\)</kafka.version>.*:\1:p' "$here/pom.xml")
jars=${XDG_CACHE_HOME:-$HOME/.cache}/open-oee/kafka-$version
if [[ ! -f $jars/.complete ]]; then
  command -v mvn >/dev/null || fail "mvn not found: install Maven, or name a broker in KAFKA_BROKERS"
  # each first start downloads into a folder of its own, so that two at once do not disturb one another
  mkdir -p "$jars"; part=$(mktemp -d "$jars.XXXXXX")
  mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$part" >"$dir/mvn.log" 2>&1 \
    || fail "Maven could not fetch Kafka $version: $(grep -m1 ERROR "$dir/mvn.log")"
  mv -f "$part"/*.jar "$jars/"; rmdir "$part"; touch "$jars/.complete"
fi

cat > "$dir/server.properties" <<P
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
advertised.listeners=PLAINTEXT://127.0.0.1:$port
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$dir/data
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
group.min.session.timeout.ms=1000
log.cleaner.backoff.ms=200
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
log.cleaner.dedupe.buffer.size=8388608
P
if [[ -n ${AUTHORIZED:-} ]]; then
  cat >> "$dir/server.properties" <<P
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
P
fi
format=()
if [[ -n ${SECURE_PORT:-} ]]; then
  login=org.apache.kafka.common.security
  sed -i -E "s#^(advertised\.)?listeners=.*#&,SASL_SSL://127.0.0.1:$SECURE_PORT,SSL://127.0.0.1:$CERTIFIED_PORT#; s#^(listener.security.protocol.map=.*)#\1,SASL_SSL:SASL_SSL,SSL:SSL#" "$dir/server.properties"
  cat >> "$dir/server.properties" <<P
ssl.keystore.type=PEM
ssl.keystore.location=$SECURE_PEM
ssl.truststore.type=PEM
ssl.truststore.location=$SECURE_CA
listener.name.ssl.ssl.client.auth=required
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
listener.name.sasl_ssl.plain.sasl.jaas.config=$login.plain.PlainLoginModule required user_$SECURE_USER="$SECURE_PASSWORD";
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=$login.scram.ScramLoginModule required;
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=$login.scram.ScramLoginModule required;
P
  for mechanism in SCRAM-SHA-256 SCRAM-SHA-512; do
    format+=(--add-scram "$mechanism=[name=$SECURE_USER,password=$SECURE_PASSWORD]")
  done
fi
cat > "$dir/simplelogger.properties" <<P
org.slf4j.simpleLogger.defaultLogLevel=warn
org.slf4j.simpleLogger.log.kafka.authorizer.logger=info
P
if [[ ! -f $dir/data/meta.properties ]]; then
  java -Xshare:auto -XX:TieredStopAtLevel=1 -cp "$dir:$jars/*" kafka.tools.StorageTool format -t b3Blbi1vZWUtdGVzdHMtMA \
    -c "$dir/server.properties" "${format[@]}" > "$dir/format.log" 2>&1 || fail "formatting $dir failed: $(tail -n 1 "$dir/format.log")"
fi
nohup setsid java -XX:TieredStopAtLevel=1 -Xms128m -Xmx512m -XX:+UseSerialGC -cp "$dir:$jars/*" kafka.Kafka "$dir/server.properties" \
  > "$dir/kafka.log" 2>&1 < /dev/null &
pid=$!
echo "$pid" > "$dir/kafka.pid"
if [[ -n ${OWNER_PID:-} ]]; then
  # the watcher has a session of its own, so that a signal to the owner's process group does not end it
  nohup setsid bash -c 'while kill -0 "$0" && kill -0 "$1"; do sleep 1; done; kill -KILL "$1"' "$OWNER_PID" "$pid" \
    > /dev/null 2>&1 < /dev/null &
fi
