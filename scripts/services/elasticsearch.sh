#!/usr/bin/env bash
# A real Elasticsearch node on 127.0.0.1, from Maven artifacts.
#
#   elasticsearch.sh up | down | status | env | wipe | jars
#   elasticsearch.sh kill    kill -9, for tests of failure; `up` starts it again
#
# Environment (all optional, beside what lib.sh lists):
#   SUIRO_ES_HEAP      default 1g
#   SUIRO_ES_SETTINGS  more lines of elasticsearch.yml, ';' between them; for real 429s:
#                      "thread_pool.write.size: 1;thread_pool.write.queue_size: 1"
#   SUIRO_ES_VERSION   default 8.19.21
SERVICE=elasticsearch
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

VERSION=${SUIRO_ES_VERSION:-8.19.21}
LOG4J=2.26.1
ES_HOME=$CACHE/elasticsearch/$VERSION
HTTP_PORT=$((BASE + 20))
URL=http://$ADDR:$HTTP_PORT

# fill makes a home (lib/, modules/) out of the server's jars. The modules that answer GET / and _data_stream are not
# on Maven Central; elasticsearch/SuiroRestPlugin.java stands in for them.
fill() {
  local w=$1 lib netty rest
  need javac "a JDK, not only a JRE"; need jar "a JDK, not only a JRE"
  say "fetching the jars of Elasticsearch $VERSION (about 41 MB, once)"
  { echo '<dependencies>'
    dependency org.elasticsearch elasticsearch "$VERSION"
    dependency org.elasticsearch.plugin transport-netty4 "$VERSION"
    dependency org.apache.logging.log4j log4j-core "$LOG4J"
    echo '</dependencies>'; } | pom >"$w/pom.xml"
  copy_jars "$w" "$w/all" || die "Maven could not fetch Elasticsearch $VERSION"
  lib=$w/home/lib netty=$w/home/modules/transport-netty4 rest=$w/home/modules/suiro-rest
  mkdir -p "$lib" "$netty" "$rest" "$w/home/plugins" "$w/main" "$w/rest"
  mv "$w"/all/netty-*.jar "$w"/all/transport-netty4-*.jar "$netty/"
  mv "$w"/all/*.jar "$lib/"
  # the descriptor travels in the jar; without "modulename" the node loads the module from the class path
  (cd "$w" && jar xf "$netty"/transport-netty4-*.jar META-INF/es-plugins/transport-netty4/plugin-descriptor.properties)
  grep -vE '^(#|modulename|$)' "$w/META-INF/es-plugins/transport-netty4/plugin-descriptor.properties" >"$netty/plugin-descriptor.properties"
  compile "$lib" "$w/main" "$HERE/elasticsearch/EsNode.java"
  compile "$lib" "$w/rest" "$HERE/elasticsearch/SuiroRestPlugin.java"
  jar cf "$lib/suiro-es-node.jar" -C "$w/main" .
  jar cf "$rest/suiro-rest.jar" -C "$w/rest" .
  printf '%s\n' 'description=GET / and _data_stream for a node built from the server jar' 'version=1' 'name=suiro-rest' \
    'java.version=17' "elasticsearch.version=$VERSION" 'classname=suiro.es.SuiroRestPlugin' >"$rest/plugin-descriptor.properties"
}
compile() { # libs out source
  javac -nowarn -XDsuppressNotes --release 17 -cp "$1/*" -d "$2" "$3" || die "$3 does not compile against Elasticsearch $VERSION"
}
jars() { fetch "$ES_HOME" .complete-3 fill; }

write_conf() {
  mkdir -p "$RUN/config" "$RUN/data" "$RUN/logs"
  { printf '%s\n' 'cluster.name: suiro' 'node.name: suiro-1' "network.host: $ADDR" "http.port: $HTTP_PORT" \
      'transport.port: 0' 'discovery.type: single-node' "path.data: $RUN/data" "path.logs: $RUN/logs" \
      'cluster.routing.allocation.disk.threshold_enabled: false' # a nearly full disk must not make indices read-only
    [ -z "${SUIRO_ES_SETTINGS:-}" ] || tr ';' '\n' <<<"$SUIRO_ES_SETTINGS"
  } >"$RUN/config/elasticsearch.yml"
  cat >"$RUN/config/log4j2.properties" <<'X'
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%-25c{1.}] %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
X
}

healthy() { curl -sf -o /dev/null --max-time 3 "$URL/_cluster/health?wait_for_status=yellow&timeout=1s" 2>/dev/null; }

up() {
  take_base; lock; java_bin; need curl
  if ! alive elasticsearch >/dev/null; then
    local heap=${SUIRO_ES_HEAP:-1g} native=()
    [ "$JAVA_MAJOR" -lt 22 ] || native=(--enable-native-access=ALL-UNNAMED)
    jars
    require_free "Elasticsearch's HTTP" "$HTTP_PORT"
    write_conf
    spawn elasticsearch "${native[@]}" -Xms"$heap" -Xmx"$heap" -XX:+UseG1GC -XX:+ExitOnOutOfMemoryError \
      -Dfile.encoding=UTF-8 -Djava.awt.headless=true -Djava.io.tmpdir="$RUN" -Dlog4j2.disable.jmx=true \
      -Dlog4j2.formatMsgNoLookups=true -Dio.netty.noUnsafe=true -Dio.netty.noKeySetOptimization=true \
      -Des.path.home="$ES_HOME" -Des.path.conf="$RUN/config" -cp "$ES_HOME/lib/*" suiro.es.EsNode
  fi
  await elasticsearch healthy
  say "up: Elasticsearch $VERSION on $URL (pid $(alive elasticsearch))"
}

down() { lock; stop elasticsearch 30; say "down (data kept in $RUN)"; }

status() {
  local pid
  pid=$(alive elasticsearch) || { line down - "'up elasticsearch' starts it"; return 3; }
  healthy || { line silent "$ADDR:$HTTP_PORT" "pid $pid lives but is not healthy; see $(log_of elasticsearch)"; return 4; }
  line up "$ADDR:$HTTP_PORT" "pid $pid, Elasticsearch $VERSION"
}

cmd=${1:-}; shift || true
case $cmd in
  up | down | status | jars) "$cmd" ;;
  env) ! alive elasticsearch >/dev/null || echo "export SUIRO_ES=$URL" ;;
  wipe) down; rm -rf "$RUN"; say "wiped" ;;
  kill) crash elasticsearch ;;
  *) usage ;;
esac
