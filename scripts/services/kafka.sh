#!/usr/bin/env bash
# A real Apache Kafka on 127.0.0.1: a broker, or several, and their KRaft controller, from Maven artifacts.
#
#   kafka.sh up | down | status | env | wipe | jars
#   kafka.sh kill [BROKER]         kill -9 of a broker, for tests of failure; `up` starts it again. Default 1
#   kafka.sh libs                  the folder of the jars, which are fetched first
#   kafka.sh run CLASS [ARGS...]   any of Kafka's tools, e.g. org.apache.kafka.tools.TopicCommand
#
# The controller is a process of its own, and `up` starts a killed broker only once the controller has fenced it. A node
# that is both comes back believing it leads partitions, loses them while it registers, and takes the partitions of a
# transaction whose end it had begun to write for deleted: it drops the marker, and the transaction stays open for ever
# (4.3 and 4.4, see DESIGN.md: "Couldn't find leader endpoint for partitions ... while trying to send transaction markers").
#
# Environment (all optional, beside what lib.sh lists):
#   SUIRO_KAFKA_BROKERS   how many brokers, default 1. With 3, topics have three replicas, of which two must have a record
#   SUIRO_KAFKA_HEAP      default "-Xms256m -Xmx1g", of each broker
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
BROKERS=${SUIRO_KAFKA_BROKERS:-$(cat "$RUN/brokers" 2>/dev/null || echo 1)}
case $BROKERS in 1 | 2 | 3) ;; *) die "SUIRO_KAFKA_BROKERS=$BROKERS must be 1, 2 or 3" ;; esac

# What the parts of broker number $1 are called: the others came later, and leave its names and ports to the first.
suffix() { [ "$1" = 1 ] || echo "-$1"; }
broker() { echo "kafka$(suffix "$1")"; }
port_of() { if [ "$1" = 1 ]; then echo "$KAFKA_PORT"; else echo $((BASE + 14 + $1)); fi; }
brokers() { seq 1 "$BROKERS"; }

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
  local n replicas=$BROKERS
  echo "$BROKERS" >"$RUN/brokers"
  log_conf "$RUN/log4j2.properties" "${SUIRO_KAFKA_LOGLEVEL:-info}"
  cat >"$RUN/common.properties" <<X
controller.quorum.voters=2@$ADDR:$CONTROLLER_PORT
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
auto.create.topics.enable=true
delete.topic.enable=true
default.replication.factor=$replicas
min.insync.replicas=$(((replicas + 1) / 2))
offsets.topic.replication.factor=$replicas
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=$replicas
transaction.state.log.min.isr=$(((replicas + 1) / 2))
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=$replicas
share.coordinator.state.topic.min.isr=$(((replicas + 1) / 2))
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
  for n in $(brokers); do broker_conf "$n"; done
}

broker_conf() { # BROKER; the controller is node 2
  local conf id=$1
  conf=$RUN/server$(suffix "$1").properties
  [ "$1" = 1 ] || id=$(($1 + 1))
  cat "$RUN/common.properties" - >"$conf" <<X
process.roles=broker
node.id=$id
listeners=PLAINTEXT://$ADDR:$(port_of "$1")
advertised.listeners=PLAINTEXT://$ADDR:$(port_of "$1")
inter.broker.listener.name=PLAINTEXT
log.dirs=$RUN/data$(suffix "$1")
num.partitions=1
group.initial.rebalance.delay.ms=0
log.retention.ms=-1
num.network.threads=2
num.io.threads=4
X
  [ -z "${SUIRO_KAFKA_CONF:-}" ] || cat "$SUIRO_KAFKA_CONF" >>"$conf" ||
    die "SUIRO_KAFKA_CONF=$SUIRO_KAFKA_CONF cannot be read"
}

java_small() { # ARGS...: a JVM that has little to do
  "$JAVA" -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dlog4j2.configurationFile="$RUN/log4j2.properties" \
    -cp "$LIBS/*" "$@"
}

format() {
  local id n
  if [ -f "$RUN/data/meta.properties" ]; then
    [ -f "$RUN/controller-data/meta.properties" ] || die "$RUN has a broker's data and no controller's: 'wipe kafka' first"
    id=$(sed -n 's/^cluster.id=//p' "$RUN/data/meta.properties")
  else
    id=$(head -c 16 /dev/urandom | base64 | tr '+/' 'AB' | tr -d '=')
  fi
  mkdir -p "$RUN/logs"
  format_one "$id" controller controller-data
  for n in $(brokers); do format_one "$id" "server$(suffix "$n")" "data$(suffix "$n")"; done
}

format_one() { # CLUSTER-ID CONFIGURATION DATA
  [ ! -f "$RUN/$3/meta.properties" ] || return 0
  java_small kafka.tools.StorageTool format -t "$1" -c "$RUN/$2.properties" >"$RUN/logs/format.log" 2>&1 ||
    { show_log format; die "could not format what log.dirs of $RUN/$2.properties names"; }
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
fenced() { # BROKER
  local killed; killed=$RUN/killed$(suffix "$1")
  [ -f "$killed" ] || return 0
  while [ $(($(date +%s%3N) - $(date -r "$killed" +%s%3N))) -lt $((SESSION_MS + 1000)) ]; do sleep 0.1; done
  rm -f "$killed"
}

start_broker() { # BROKER
  fenced "$1"
  require_free "Kafka's broker $1" "$(port_of "$1")"
  # shellcheck disable=SC2086 # the heap is several flags
  spawn "$(broker "$1")" ${SUIRO_KAFKA_HEAP:--Xms256m -Xmx1g} -server -XX:+UseG1GC -XX:MaxGCPauseMillis=20 \
    -XX:InitiatingHeapOccupancyPercent=35 -XX:+ExplicitGCInvokesConcurrent -Djava.awt.headless=true \
    -Dlog4j2.configurationFile="$RUN/log4j2.properties" -cp "$LIBS/*" kafka.Kafka "$RUN/server$(suffix "$1").properties"
}

# answers sends broker $1 one Metadata v0 request over a plain socket; true when at least one live broker is listed.
answers() {
  local hex
  hex=$(timeout 3 bash -c '
    exec 3<>/dev/tcp/'"$ADDR/$(port_of "$1")"' || exit 1
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
  local n
  take_base; lock; java_bin
  if ! all_alive; then
    need od coreutils; need setsid util-linux; need timeout coreutils
    jars
    write_conf; format
    start_controller
    for n in $(brokers); do alive "$(broker "$n")" >/dev/null || start_broker "$n"; done
  fi
  for n in $(brokers); do await "$(broker "$n")" answers "$n"; done
  say "up: Kafka $VERSION on $(addresses) (pid $(alive kafka))"
}

all_alive() {
  local n
  alive controller >/dev/null || return 1
  for n in $(brokers); do alive "$(broker "$n")" >/dev/null || return 1; done
}

addresses() { local n; for n in $(brokers); do echo "$ADDR:$(port_of "$n")"; done | paste -sd,; }

down() {
  local n
  lock
  for n in $(brokers); do stop "$(broker "$n")" 30; done
  stop controller 10
  say "down (data kept in $RUN)"
}

status() {
  local n pid pids='' missing=''
  for n in $(brokers); do
    if pid=$(alive "$(broker "$n")"); then pids+=" $pid"; else missing+=" broker $n"; fi
  done
  if pid=$(alive controller); then pids+=" $pid"; else missing+=" controller"; fi
  [ -n "$pids" ] || { line down - "'up kafka' starts it"; return 3; }
  [ -z "$missing" ] || { line broken "$(addresses)" "these do not run:$missing; 'up kafka' starts what is missing"; return 4; }
  for n in $(brokers); do
    answers "$n" || { line silent "$(addresses)" "pids$pids live, but broker $n does not answer; see $RUN/logs"; return 4; }
  done
  line up "$(addresses)" "pids$pids, Kafka $VERSION"
}

env_lines() { ! alive kafka >/dev/null || echo "export SUIRO_KAFKA=$(addresses)"; }

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
  kill) crash "$(broker "${1:-1}")"; : >"$RUN/killed$(suffix "${1:-1}")" ;;
  run) [ $# -ge 1 ] || die "run needs a class name"; run_class "$@" ;;
  *) usage ;;
esac
