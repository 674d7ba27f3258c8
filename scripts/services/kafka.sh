#!/usr/bin/env bash
# A real Apache Kafka on 127.0.0.1: one broker and its KRaft controller, from Maven artifacts.
#
#   kafka.sh up | down | status | env | wipe | jars
#   kafka.sh kill                  kill -9 of the broker, for tests of failure; `up` starts it again
#   kafka.sh libs                  the folder of the jars, which are fetched first
#   kafka.sh run CLASS [ARGS...]   any of Kafka's tools, e.g. org.apache.kafka.tools.TopicCommand
#
# The controller is a process of its own, and `up` starts a killed broker only once the controller has fenced it. A node
# that is both comes back believing it leads partitions, loses them while it registers, and takes the partitions of a
# transaction whose end it had begun to write for deleted: it drops the marker, and the transaction stays open for ever
# (4.3 and 4.4, see DESIGN.md: "Couldn't find leader endpoint for partitions ... while trying to send transaction markers").
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

SESSION_MS=4000 # until the controller fences a broker that is silent

write_conf() {
  log_conf "$RUN/log4j2.properties" "${SUIRO_KAFKA_LOGLEVEL:-info}"
  cat >"$RUN/common.properties" <<X
controller.quorum.voters=2@$ADDR:$CONTROLLER_PORT
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
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
broker.session.timeout.ms=$SESSION_MS
broker.heartbeat.interval.ms=500
X
  cat "$RUN/common.properties" - >"$RUN/controller.properties" <<X
process.roles=controller
node.id=2
listeners=CONTROLLER://$ADDR:$CONTROLLER_PORT
log.dirs=$RUN/controller-data
X
  cat "$RUN/common.properties" - >"$RUN/server.properties" <<X
process.roles=broker
node.id=1
listeners=PLAINTEXT://$ADDR:$KAFKA_PORT
advertised.listeners=PLAINTEXT://$ADDR:$KAFKA_PORT
inter.broker.listener.name=PLAINTEXT
log.dirs=$RUN/data
num.partitions=1
group.initial.rebalance.delay.ms=0
log.retention.ms=-1
num.network.threads=2
num.io.threads=4
X
  [ -z "${SUIRO_KAFKA_CONF:-}" ] || cat "$SUIRO_KAFKA_CONF" >>"$RUN/server.properties" ||
    die "SUIRO_KAFKA_CONF=$SUIRO_KAFKA_CONF cannot be read"
}

java_small() { # ARGS...: a JVM that has little to do
  "$JAVA" -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dlog4j2.configurationFile="$RUN/log4j2.properties" \
    -cp "$LIBS/*" "$@"
}

format() {
  if [ -f "$RUN/data/meta.properties" ]; then
    [ -f "$RUN/controller-data/meta.properties" ] || die "$RUN has a broker's data and no controller's: 'wipe kafka' first"
    return 0
  fi
  local id conf; id=$(head -c 16 /dev/urandom | base64 | tr '+/' 'AB' | tr -d '=')
  mkdir -p "$RUN/logs"
  for conf in controller server; do
    java_small kafka.tools.StorageTool format -t "$id" -c "$RUN/$conf.properties" >"$RUN/logs/format.log" 2>&1 ||
      { show_log format; die "could not format what log.dirs of $RUN/$conf.properties names"; }
  done
}

port_answers() { port_open "$CONTROLLER_PORT"; }

start_controller() {
  alive controller >/dev/null && return
  require_free "Kafka's controller" "$CONTROLLER_PORT"
  spawn controller -Xms32m -Xmx192m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.awt.headless=true \
    -Dlog4j2.configurationFile="$RUN/log4j2.properties" -cp "$LIBS/*" kafka.Kafka "$RUN/controller.properties"
  await controller port_answers
}

# fenced waits until the controller has missed a killed broker for its session, and a second.
fenced() {
  local killed=$RUN/killed
  [ -f "$killed" ] || return 0
  while [ $(($(date +%s%3N) - $(date -r "$killed" +%s%3N))) -lt $((SESSION_MS + 1000)) ]; do sleep 0.1; done
  rm -f "$killed"
}

start_broker() {
  fenced
  require_free "Kafka's broker" "$KAFKA_PORT"
  # shellcheck disable=SC2086 # the heap is several flags
  spawn kafka ${SUIRO_KAFKA_HEAP:--Xms256m -Xmx1g} -server -XX:+UseG1GC -XX:MaxGCPauseMillis=20 \
    -XX:InitiatingHeapOccupancyPercent=35 -XX:+ExplicitGCInvokesConcurrent -Djava.awt.headless=true \
    -Dlog4j2.configurationFile="$RUN/log4j2.properties" -cp "$LIBS/*" kafka.Kafka "$RUN/server.properties"
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
  if ! alive kafka >/dev/null || ! alive controller >/dev/null; then
    need od coreutils; need setsid util-linux; need timeout coreutils
    jars
    write_conf; format
    start_controller
    alive kafka >/dev/null || start_broker
  fi
  await kafka answers
  say "up: Kafka $VERSION on $ADDR:$KAFKA_PORT (pid $(alive kafka))"
}

down() { lock; stop kafka 30; stop controller 10; say "down (data kept in $RUN)"; }

status() {
  local broker controller
  broker=$(alive kafka) || broker=none
  controller=$(alive controller) || controller=none
  case $broker$controller in
    nonenone) line down - "'up kafka' starts it"; return 3 ;;
    *none*) line broken "$ADDR:$KAFKA_PORT" "broker pid $broker, controller pid $controller; 'up kafka' starts what is missing"; return 4 ;;
  esac
  answers || { line silent "$ADDR:$KAFKA_PORT" "pids $broker $controller live but do not answer; see $RUN/logs"; return 4; }
  line up "$ADDR:$KAFKA_PORT" "pids $broker $controller, Kafka $VERSION"
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
  libs) jars; echo "$LIBS" ;;
  env) env_lines ;;
  wipe) down; rm -rf "$RUN"; say "wiped" ;;
  kill) crash kafka; : >"$RUN/killed" ;;
  run) [ $# -ge 1 ] || die "run needs a class name"; run_class "$@" ;;
  *) usage ;;
esac
