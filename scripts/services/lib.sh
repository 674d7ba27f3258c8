# shellcheck shell=bash
# What the service scripts share: settings, pid files, ports, waiting, and jars from Maven.
# Sourced by them; the sourcing script sets SERVICE first.
#
# Environment (all optional):
#   SUIRO_SERVICES_PORT   first port of the block all services live in, default 29400
#   SUIRO_SERVICES_STATE  data, configuration, logs and pid files, default <cache>/run
#   SUIRO_SERVICES_CACHE  jars, fetched once, default ~/.cache/suiro
#   SUIRO_SERVICES_WAIT   seconds to wait until a service answers, default 120
#   SUIRO_SERVICES_M2     Maven's local repository, default Maven's own
#   JAVA_HOME             a JDK of version 17 or newer; otherwise the java on PATH
#
# A second, private set of services, for tests that break them:
#   export SUIRO_SERVICES_PORT=29500 SUIRO_SERVICES_STATE=$(mktemp -d)
set -euo pipefail
export LC_ALL=C

ADDR=127.0.0.1
# shellcheck disable=SC2034 # for the sourcing script
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CACHE=${SUIRO_SERVICES_CACHE:-${HOME:?HOME is not set}/.cache/suiro}
STATE=${SUIRO_SERVICES_STATE:-$CACHE/run}
case $CACHE in /*) ;; *) CACHE=$PWD/$CACHE ;; esac
case $STATE in /*) ;; *) STATE=$PWD/$STATE ;; esac
WAIT=${SUIRO_SERVICES_WAIT:-120}
RUN=$STATE/$SERVICE
DEPENDENCY_PLUGIN=org.apache.maven.plugins:maven-dependency-plugin:3.8.1

say()  { printf '%s: %s\n' "$SERVICE" "$*" >&2; }
die()  { printf '%s: error: %s\n' "$SERVICE" "$*" >&2; exit 1; }
need() { command -v "$1" >/dev/null 2>&1 || die "'$1' is not installed${2:+ ($2)}"; }

# usage prints the comment at the head of the calling script.
usage() { awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0" >&2; exit 2; }

[ -r /proc/self/cmdline ] || die "these scripts need Linux: they tell processes apart by /proc"

# ---- ports ----------------------------------------------------------------------------

# BASE is the asked block, else the block this state was last started on, else the default.
BASE=${SUIRO_SERVICES_PORT:-$(cat "$STATE/base-port" 2>/dev/null || echo 29400)}
case $BASE in '' | *[!0-9]*) die "SUIRO_SERVICES_PORT='$BASE' is not a number" ;; esac
[ "$BASE" -ge 1024 ] && [ "$BASE" -le 65400 ] || die "SUIRO_SERVICES_PORT=$BASE is out of range (1024 to 65400)"

port_open() { (exec 3<>"/dev/tcp/$ADDR/$1") 2>/dev/null; }

# require_free WHAT PORT...
require_free() {
  local what=$1 p; shift
  for p; do
    ! port_open "$p" || die "port $p ($what) is taken by another process; choose a free block, e.g. SUIRO_SERVICES_PORT=$((BASE + 100))"
  done
}

# take_base makes BASE the block of this state, unless a service of it already runs on another.
take_base() {
  local was f pid
  was=$(cat "$STATE/base-port" 2>/dev/null || true)
  [ "$was" != "$BASE" ] || return 0
  for f in "$STATE"/*/*.pid; do
    read -r pid 2>/dev/null <"$f" || continue
    ! grep -qaF -- "-Dsuiro.service=" "/proc/$pid/cmdline" 2>/dev/null ||
      die "$f (pid $pid) runs on the ports from $was, asked for $BASE: 'down' first, or set SUIRO_SERVICES_STATE too"
  done
  mkdir -p "$STATE"
  echo "$BASE" >"$STATE/base-port"
}

# ---- processes ------------------------------------------------------------------------

# java_bin sets JAVA to a Java 17 or newer.
java_bin() {
  JAVA=java
  [ -z "${JAVA_HOME:-}" ] || [ ! -x "$JAVA_HOME/bin/java" ] || JAVA=$JAVA_HOME/bin/java
  need "$JAVA" "a JDK 17 or newer is needed, e.g. Debian's openjdk-17-jdk-headless"
  JAVA_MAJOR=$("$JAVA" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1)
  [ "${JAVA_MAJOR:-0}" -ge 17 ] || die "$JAVA is Java ${JAVA_MAJOR:-of unknown version}, 17 or newer is needed"
}

# alive NAME prints the pid, if it lives and carries our mark: a reused pid is not ours. A process that is being replaced
# by exec has no command line for a moment, as a dead one that nobody has waited for.
alive() {
  local pid words
  read -r pid 2>/dev/null <"$RUN/$1.pid" || return 1
  case $pid in '' | *[!0-9]*) return 1 ;; esac
  for _ in 1 2 3 4 5; do
    words=$(tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline") || return 1
    [ -z "$words" ] || break
    sleep 0.1
  done
  grep -xF -- "-Dsuiro.service=$1@$RUN" <<<"$words" >/dev/null || return 1
  printf '%s\n' "$pid"
}

# spawn NAME JAVA-ARGUMENTS... starts a JVM in the background that outlives this shell, and returns when alive knows it:
# until the exec, which a busy machine may put off, it is a shell without our mark and would pass for dead.
spawn() {
  local name=$1 log pid end; shift
  log=$(log_of "$name")
  mkdir -p "$RUN/logs"
  [ ! -f "$log" ] || mv -f "$log" "$log.1"
  # The locks (8, 9) must not leak into the server.
  ( cd "$RUN" && exec setsid "$JAVA" "-Dsuiro.service=$name@$RUN" "$@" </dev/null >"$log" 2>&1 8>&- 9>&- ) &
  pid=$! end=$((SECONDS + WAIT))
  echo "$pid" >"$RUN/$name.pid"
  until alive "$name" >/dev/null || ! kill -0 "$pid" 2>/dev/null || [ $SECONDS -ge $end ]; do sleep 0.02; done
}

log_of() { printf '%s/logs/%s.log\n' "$RUN" "$1"; }

# show_log NAME: the first cause, then the last lines; nothing of an empty log.
show_log() {
  local log; log=$(log_of "$1")
  say "from $log:"
  { grep -m 3 -E '(Exception|Error)(:|$)|Caused by' "$log" || true; echo ...
    { grep -vE '^\s+(at |\.\.\.)' "$log" || true; } | tail -n 12; } 2>/dev/null | cut -c1-300 >&2
}

# await NAME CHECK [ARGS...]: until CHECK succeeds; a server that died or stays silent is shown, stopped, and an error.
await() {
  local name=$1 end=$((SECONDS + WAIT)) why; shift
  until "$@"; do
    why=
    alive "$name" >/dev/null || why="$name ended before it answered"
    [ $SECONDS -lt $end ] || why=${why:-"$name did not answer within ${WAIT}s"}
    if [ -n "$why" ]; then show_log "$name"; stop "$name" 10; die "$why"; fi
    sleep 0.1
  done
  alive "$name" >/dev/null || { show_log "$name"; die "$name ended (if its port answers, another process is on it)"; }
}

# stop NAME SECONDS: TERM, then KILL.
stop() {
  local pid end=$((SECONDS + $2))
  if pid=$(alive "$1"); then
    kill -TERM "$pid" 2>/dev/null || true
    while alive "$1" >/dev/null; do
      if [ $SECONDS -ge $end ]; then
        say "$1 (pid $pid) did not stop in ${2}s, killing it"
        kill -KILL "$pid" 2>/dev/null || true
        sleep 0.3
        break
      fi
      sleep 0.1
    done
  fi
  rm -f "$RUN/$1.pid"
}

# crash NAME: kill -9, for tests of failure.
crash() {
  local pid; pid=$(alive "$1") || die "$1 is not running"
  kill -KILL "$pid"
  while alive "$1" >/dev/null; do sleep 0.02; done
  rm -f "$RUN/$1.pid"
  say "killed $1 (pid $pid)"
}

# lock: one up, down or wipe at a time per service and state.
lock() {
  need flock "Debian's util-linux"
  mkdir -p "$RUN" || die "cannot create $RUN"
  exec 9>"$RUN/lock"
  flock -w $((WAIT * 2)) 9 || die "another script holds $RUN/lock"
}

# line STATE ADDRESS DETAIL: a row of `status`.
line() { printf '%-14s %-9s %-24s %s\n' "$SERVICE" "$1" "$2" "${3:-}"; }

# ---- jars -----------------------------------------------------------------------------

dependency() { # group artifact version [exclusions]
  printf '<dependency><groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version>' "$1" "$2" "$3"
  printf '<exclusions>%s</exclusions></dependency>\n' "${4:-}"
}
exclusion() { printf '<exclusion><groupId>%s</groupId><artifactId>%s</artifactId></exclusion>' "$1" "$2"; }

# pom reads what belongs between <project> and </project> after the coordinates.
pom() {
  echo '<project><modelVersion>4.0.0</modelVersion><groupId>suiro.services</groupId>'
  echo "<artifactId>$SERVICE-classpath</artifactId><version>1</version><packaging>pom</packaging>"
  cat
  echo '</project>'
}

# maven WORKDIR GOAL ARGS... runs one goal on WORKDIR/pom.xml; its log is shown, without addresses, when it fails.
maven() {
  local work=$1; shift
  need mvn "Maven fetches the jars once, e.g. Debian's maven"
  mvn -q -B -ntp -f "$work/pom.xml" ${SUIRO_SERVICES_M2:+-Dmaven.repo.local="$SUIRO_SERVICES_M2"} "$@" \
    >"$work/maven.log" 2>&1 && return 0
  grep -m 3 ERROR "$work/maven.log" | sed -E 's#https?://[^ )]*#<registry>#g' | cut -c1-400 >&2
  return 1
}

copy_jars() { maven "$1" "$DEPENDENCY_PLUGIN:copy-dependencies" -DincludeScope=runtime -DoutputDirectory="$2"; }

# fetch DIR MARK FILL: unless DIR/MARK exists, FILL WORKDIR must make WORKDIR/home, which then becomes DIR. Maven runs
# one at a time over all services, since they share its repository.
fetch() {
  local dir=$1 mark=$2 fill=$3
  [ ! -f "$dir/$mark" ] || return 0
  mkdir -p "$CACHE"
  exec 8>"$CACHE/fetch.lock"
  flock -w 1200 8 || die "another download holds $CACHE/fetch.lock"
  if [ ! -f "$dir/$mark" ]; then
    WORK=$(mktemp -d "$CACHE/fetch.XXXXXX")
    trap 'rm -rf "$WORK"' EXIT
    "$fill" "$WORK"
    : >"$WORK/home/$mark"
    rm -rf "$dir"; mkdir -p "$(dirname "$dir")"; mv "$WORK/home" "$dir"
    rm -rf "$WORK"; trap - EXIT
    say "jars: $(du -sm "$dir" | cut -f1) MB in $dir"
  fi
  exec 8>&-
}
