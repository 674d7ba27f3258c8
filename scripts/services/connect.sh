#!/usr/bin/env bash
# The Java Kafka Connect on 127.0.0.1, one distributed worker on the broker of kafka.sh: what Suiro's worker is compared with.
#
#   connect.sh up | down | status | env | wipe
#
# Environment (all optional, beside what lib.sh and kafka.sh list):
#   SUIRO_CONNECT_HEAP      default "-Xms256m -Xmx1g"
#   SUIRO_CONNECT_CONF      file of worker properties, appended, so they win
#   SUIRO_CONNECT_KAFKA     broker to work with, host:port, instead of that of kafka.sh
#   SUIRO_CONNECT_LOGLEVEL  default info
SERVICE=connect
. "$(dirname "${BASH_SOURCE[0]}")/kafka.sh"

CONNECT_PORT=$((BASE + 13))

write_conf() {
  mkdir -p "$RUN/plugins/connect-file" "$RUN/plugins/connect-mirror"
  # plugin.path wants one folder per plugin; links keep one copy of the jars
  ln -sf "$LIBS/connect-file-$VERSION.jar" "$RUN/plugins/connect-file/"
  ln -sf "$LIBS/connect-mirror-$VERSION.jar" "$LIBS/connect-mirror-client-$VERSION.jar" "$RUN/plugins/connect-mirror/"
  log_conf "$RUN/log4j2.properties" "${SUIRO_CONNECT_LOGLEVEL:-info}"
  cat >"$RUN/connect.properties" <<X
bootstrap.servers=${SUIRO_CONNECT_KAFKA:-$ADDR:$KAFKA_PORT}
group.id=suiro-connect
listeners=http://$ADDR:$CONNECT_PORT
rest.advertised.host.name=$ADDR
rest.advertised.port=$CONNECT_PORT
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.storage.StringConverter
config.storage.topic=connect-configs
config.storage.replication.factor=1
offset.storage.topic=connect-offsets
offset.storage.replication.factor=1
offset.storage.partitions=4
status.storage.topic=connect-status
status.storage.replication.factor=1
status.storage.partitions=2
offset.flush.interval.ms=1000
scheduled.rebalance.max.delay.ms=0
connector.client.config.override.policy=All
plugin.path=$RUN/plugins
plugin.discovery=service_load
X
  [ -z "${SUIRO_CONNECT_CONF:-}" ] || cat "$SUIRO_CONNECT_CONF" >>"$RUN/connect.properties" ||
    die "SUIRO_CONNECT_CONF=$SUIRO_CONNECT_CONF cannot be read"
}

rest_answers() { curl -fsS -o /dev/null --max-time 3 "http://$ADDR:$CONNECT_PORT/connectors" 2>/dev/null; }

up() {
  take_base; lock; java_bin; need curl
  if ! alive connect >/dev/null; then
    [ -n "${SUIRO_CONNECT_KAFKA:-}" ] || answers 1 || die "no Kafka on $ADDR:$KAFKA_PORT: '$HERE/services up kafka' first"
    jars
    require_free "Kafka Connect" "$CONNECT_PORT"
    write_conf
    # shellcheck disable=SC2086 # the heap is several flags
    spawn connect ${SUIRO_CONNECT_HEAP:--Xms256m -Xmx1g} -server -XX:+UseG1GC -XX:MaxGCPauseMillis=20 \
      -XX:InitiatingHeapOccupancyPercent=35 -Djava.awt.headless=true -Dlog4j2.configurationFile="$RUN/log4j2.properties" \
      -cp "$LIBS/*" org.apache.kafka.connect.cli.ConnectDistributed "$RUN/connect.properties"
  fi
  await connect rest_answers
  say "up: Kafka Connect $VERSION on http://$ADDR:$CONNECT_PORT (pid $(alive connect))"
}

down() { lock; stop connect 15; say "down"; }

status() {
  local pid
  pid=$(alive connect) || { line down - "'up connect' starts it"; return 3; }
  rest_answers || { line silent "$ADDR:$CONNECT_PORT" "pid $pid lives but does not answer; see $(log_of connect)"; return 4; }
  line up "$ADDR:$CONNECT_PORT" "pid $pid, Kafka Connect $VERSION"
}

cmd=${1:-}; shift || true
case $cmd in
  up | down | status) "$cmd" ;;
  env) ! alive connect >/dev/null || echo "export SUIRO_CONNECT=http://$ADDR:$CONNECT_PORT" ;;
  wipe) down; rm -rf "$RUN"; say "wiped" ;;
  *) usage ;;
esac
