#!/usr/bin/env bash
# A real Apache Kafka on 127.0.0.1: one node in KRaft mode, broker and controller, from Maven artifacts.
#
#   kafka.sh up | down | status | env | wipe | jars
#   kafka.sh kill                  kill -9, for tests of failure; `up` starts it again
#   kafka.sh run CLASS [ARGS...]   any of Kafka's tools, e.g. org.apache.kafka.tools.TopicCommand
#
# Environment (all optional, beside what lib.sh lists):
#   SUIRO_KAFKA_HEAP      default "-Xms256m -Xmx1g"
#   SUIRO_KAFKA_CONF      file of broker properties, appended, so they win
#   SUIRO_KAFKA_LOGLEVEL  default info
#   SUIRO_KAFKA_VERSION   default 4.3.1
SERVICE=${SERVICE:-kafka}
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

VERSION=${SUIRO_KAFKA_VERSION:-4.3.1}
LIBS=$CACHE/kafka/libs-$VERSION
LOG4J=2.25.4 # what kafka-tools itself asks for
KAFKA_PORT=$((BASE + 10))
CONTROLLER_PORT=$((BASE + 11))

fill() {
  say "fetching the jars of Kafka $VERSION (about 125 MB, once)"
  { echo '<dependencies>'
    for a in kafka_2.13 connect-runtime connect-json connect-file connect-mirror connect-transforms kafka-streams kafka-tools; do
      dependency org.apache.kafka "$a" "$VERSION"
    done
    for a in log4j-api log4j-core log4j-slf4j-impl; do dependency org.apache.logging.log4j "$a" "$LOG4J"; done
    echo '</dependencies>'; } | pom >"$1/pom.xml"
  copy_jars "$1" "$1/home" || die "Maven could not fetch Kafka $VERSION"
}
jars() { fetch "$LIBS" .complete fill; }

log_conf() { # file level
  cat >"$1" <<X
status = warn
rootLogger.level = $2
rootLogger.appenderRef.out.ref = OUT
appender.out.type = Console
appender.out.name = OUT
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = [%d] %p %c - %m%n
X
}

write_conf() {
  log_conf "$RUN/log4j2.properties" "${SUIRO_KAFKA_LOGLEVEL:-info}"
  cat >"$RUN/server.properties" <<X
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@$ADDR:$CONTROLLER_PORT
listeners=PLAINTEXT://$ADDR:$KAFKA_PORT,CONTROLLER://$ADDR:$CONTROLLER_PORT
advertised.listeners=PLAINTEXT://$ADDR:$KAFKA_PORT
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$RUN/data
num.partitions=1
auto.create.topics.enable=true
delete.topic.enable=true
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=4
group.initial.rebalance.delay.ms=0
log.retention.ms=-1
num.network.threads=2
num.io.threads=4
broker.session.timeout.ms=4000
broker.heartbeat.interval.ms=500
X
  [ -z "${SUIRO_KAFKA_CONF:-}" ] || cat "$SUIRO_KAFKA_CONF" >>"$RUN/server.properties" ||
    die "SUIRO_KAFKA_CONF=$SUIRO_KAFKA_CONF cannot be read"
}

format() {
  [ ! -f "$RUN/data/meta.properties" ] || return 0
  local id; id=$(head -c 16 /dev/urandom | base64 | tr '+/' 'AB' | tr -d '=')
  mkdir -p "$RUN/logs"
  "$JAVA" -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dlog4j2.configurationFile="$RUN/log4j2.properties" \
    -cp "$LIBS/*" kafka.tools.StorageTool format --ignore-formatted -t "$id" -c "$RUN/server.properties" \
    >"$RUN/logs/format.log" 2>&1 || { show_log format; die "could not format $RUN/data"; }
}

# answers sends one Metadata v0 request over a plain socket; true when at least one live broker is listed.
answers() {
  local hex
  hex=$(timeout 3 bash -c '
    exec 3<>/dev/tcp/'"$ADDR/$KAFKA_PORT"' || exit 1
    # size 14, api key 3, api version 0, correlation 7, no client id, no topics (v0: all)
    printf "\0\0\0\016\0\003\0\0\0\0\0\007\377\377\0\0\0\0" >&3
    head -c 12 <&3 | od -An -v -tx1' 2>/dev/null | tr -d ' \n') || true
  case $hex in # 4 bytes size, 4 bytes correlation id, 4 bytes broker count
    ????????0000000700000000*) return 1 ;;
    ????????00000007????????*) return 0 ;;
    *) return 1 ;;
  esac
}

up() {
  take_base; lock; java_bin
  if ! alive kafka >/dev/null; then
    need od coreutils; need setsid util-linux; need timeout coreutils
    jars
    require_free "Kafka's broker and controller" "$KAFKA_PORT" "$CONTROLLER_PORT"
    write_conf; format
    # shellcheck disable=SC2086 # the heap is several flags
    spawn kafka ${SUIRO_KAFKA_HEAP:--Xms256m -Xmx1g} -server -XX:+UseG1GC -XX:MaxGCPauseMillis=20 \
      -XX:InitiatingHeapOccupancyPercent=35 -XX:+ExplicitGCInvokesConcurrent -Djava.awt.headless=true \
      -Dlog4j2.configurationFile="$RUN/log4j2.properties" -cp "$LIBS/*" kafka.Kafka "$RUN/server.properties"
  fi
  await kafka answers
  say "up: Kafka $VERSION on $ADDR:$KAFKA_PORT (pid $(alive kafka))"
}

down() { lock; stop kafka 30; say "down (data kept in $RUN)"; }

status() {
  local pid
  pid=$(alive kafka) || { line down - "'up kafka' starts it"; return 3; }
  answers || { line silent "$ADDR:$KAFKA_PORT" "pid $pid lives but does not answer; see $(log_of kafka)"; return 4; }
  line up "$ADDR:$KAFKA_PORT" "pid $pid, Kafka $VERSION"
}

env_lines() { ! alive kafka >/dev/null || echo "export SUIRO_KAFKA=$ADDR:$KAFKA_PORT"; }

run_class() {
  java_bin; jars; mkdir -p "$RUN"; log_conf "$RUN/log4j2-tools.properties" warn
  exec "$JAVA" -Xmx512m -XX:+UseSerialGC -Dlog4j2.configurationFile="$RUN/log4j2-tools.properties" -cp "$LIBS/*" "$@"
}

[ "${BASH_SOURCE[0]}" = "$0" ] || return 0 # sourced by connect.sh
cmd=${1:-}; shift || true
case $cmd in
  up | down | status | jars) "$cmd" ;;
  env) env_lines ;;
  wipe) down; rm -rf "$RUN"; say "wiped" ;;
  kill) crash kafka ;;
  run) [ $# -ge 1 ] || die "run needs a class name"; run_class "$@" ;;
  *) usage ;;
esac
