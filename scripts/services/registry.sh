#!/usr/bin/env bash
# A real schema registry on 127.0.0.1, from a Maven artifact: Apicurio Registry, which has Confluent's API.
#
#   registry.sh up | down | status | env | wipe | jars
#   registry.sh kill    kill -9, for tests of failure; `up` starts it again, with the schemas that it had
#
# Environment (all optional, beside what lib.sh lists):
#   SUIRO_REGISTRY_HEAP     default 256m
#   SUIRO_REGISTRY_VERSION  default 3.0.9; 3.3 and newer need Java 21
SERVICE=registry
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

VERSION=${SUIRO_REGISTRY_VERSION:-3.0.9}
REGISTRY_HOME=$CACHE/registry/$VERSION
PORT=$((BASE + 50))
URL=http://$ADDR:$PORT/apis/ccompat/v7 # Confluent's API, behind Apicurio's own path

fill() {
  local jars
  say "fetching Apicurio Registry $VERSION (about 105 MB, once)"
  mkdir -p "$1/home"
  pom </dev/null >"$1/pom.xml"
  # Newer versions of the plugin want the artifact's parent POM too, which not every mirror of Maven Central has.
  maven "$1" org.apache.maven.plugins:maven-dependency-plugin:2.8:copy -DoutputDirectory="$1" \
    -Dartifact="io.apicurio:apicurio-registry-app:$VERSION:tar.gz:all" || die "Maven could not fetch Apicurio Registry $VERSION"
  tar xzf "$1/apicurio-registry-app-$VERSION-all.tar.gz" -C "$1/home" || die "the archive of Apicurio Registry $VERSION is damaged"
  jars=("$1/home"/apicurio-registry-app-*-runner.jar)
  [ -f "${jars[0]}" ] || die "the archive of Apicurio Registry $VERSION has no runner jar"
}
jars() { fetch "$REGISTRY_HOME" .complete fill; }

registry_answers() { curl -fsS -o /dev/null --max-time 3 "$URL/subjects" 2>/dev/null; }

up() {
  take_base; lock; java_bin; need curl
  if ! alive registry >/dev/null; then
    jars
    require_free "the schema registry" "$PORT"
    mkdir -p "$RUN/data" # WRITE_DELAY=0: what was registered is on disk, for a kill -9 that comes at once
    spawn registry -Xmx"${SUIRO_REGISTRY_HEAP:-256m}" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:+ExitOnOutOfMemoryError \
      -Djava.io.tmpdir="$RUN" -Dquarkus.http.host="$ADDR" -Dquarkus.http.port="$PORT" -Dquarkus.http.access-log.enabled=false \
      -Dapicurio.datasource.url="jdbc:h2:file:$RUN/data/registry;WRITE_DELAY=0" \
      -Dapicurio.datasource.jdbc.initial-size=2 -Dapicurio.datasource.jdbc.min-size=2 -Dapicurio.datasource.jdbc.max-size=20 \
      -jar "$REGISTRY_HOME"/apicurio-registry-app-*-runner.jar
  fi
  await registry registry_answers
  say "up: Apicurio Registry $VERSION on $URL (pid $(alive registry))"
}

down() { lock; stop registry 15; say "down (data kept in $RUN)"; }

status() {
  local pid
  pid=$(alive registry) || { line down - "'up registry' starts it"; return 3; }
  registry_answers || { line silent "$ADDR:$PORT" "pid $pid lives but does not answer; see $(log_of registry)"; return 4; }
  line up "$ADDR:$PORT" "pid $pid, Apicurio Registry $VERSION"
}

cmd=${1:-}; shift || true
case $cmd in
  up | down | status | jars) "$cmd" ;;
  env) ! alive registry >/dev/null || echo "export SUIRO_REGISTRY=$URL" ;;
  wipe) down; rm -rf "$RUN"; say "wiped" ;;
  kill) crash registry ;;
  *) usage ;;
esac
