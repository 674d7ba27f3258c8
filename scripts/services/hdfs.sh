#!/usr/bin/env bash
# A real HDFS on 127.0.0.1: one NameNode, one DataNode, from Maven artifacts.
#
#   hdfs.sh up | down | status | env | wipe | jars
#   hdfs.sh kill nn|dn        kill -9 one of them, for tests of failure; `up` starts what is missing
#   hdfs.sh fs ARGS...        the file system shell, e.g. -ls /
#   hdfs.sh run CLASS [ARGS]  any of Hadoop's tools, e.g. org.apache.hadoop.hdfs.tools.DFSAdmin -report
#
# Environment (all optional, beside what lib.sh lists):
#   SUIRO_HDFS_HEAP_MB    heap of each of the two, default 256
#   SUIRO_HDFS_CONF       file of <property> elements added to hdfs-site.xml
#   SUIRO_HADOOP_VERSION  default 3.4.3
SERVICE=hdfs
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

VERSION=${SUIRO_HADOOP_VERSION:-3.4.3}
JARS=$CACHE/hadoop/hdfs-$VERSION
HEAP=${SUIRO_HDFS_HEAP_MB:-256}
CONF=$RUN/conf DATA=$RUN/data
NN_PORT=$((BASE + 30)) NN_HTTP_PORT=$((BASE + 31))
DN_PORT=$((BASE + 32)) DN_IPC_PORT=$((BASE + 33)) DN_HTTP_PORT=$((BASE + 34))

# Hadoop 3.4 on Java 17 starts without these; parts (protobuf and nio cleaners, Kerberos, the shell) want them.
OPENS=()
for p in java.lang java.nio java.net java.util java.util.concurrent java.util.zip sun.nio.ch sun.security.util sun.security.x509; do
  OPENS+=("--add-opens=java.base/$p=ALL-UNNAMED")
done

fill() {
  say "fetching the jars of HDFS $VERSION (about 60 MB, once)"
  { echo '<dependencies>'
    for a in hadoop-common hadoop-hdfs hadoop-hdfs-client; do dependency org.apache.hadoop "$a" "$VERSION"; done
    echo '</dependencies>'; } | pom >"$1/pom.xml"
  copy_jars "$1" "$1/home" || die "Maven could not fetch HDFS $VERSION"
}
jars() { fetch "$JARS" .complete fill; }

property() { printf '<property><name>%s</name><value>%s</value></property>\n' "$1" "$2"; }

core_site() {
  echo '<configuration>'
  property fs.defaultFS "hdfs://$ADDR:$NN_PORT"
  property hadoop.tmp.dir "$DATA/tmp"
  property hadoop.security.authentication simple
  property "hadoop.proxyuser.$(id -un).hosts" '*'
  property "hadoop.proxyuser.$(id -un).groups" '*'
  property ipc.client.connect.max.retries.on.timeouts 3
  echo '</configuration>'
}

hdfs_site() {
  echo '<configuration>'
  property dfs.replication 1
  property dfs.namenode.name.dir "file://$DATA/nn"
  property dfs.datanode.data.dir "file://$DATA/dn"
  property dfs.namenode.rpc-address "$ADDR:$NN_PORT"
  property dfs.namenode.rpc-bind-host "$ADDR"
  property dfs.namenode.http-address "$ADDR:$NN_HTTP_PORT"
  property dfs.namenode.http-bind-host "$ADDR"
  property dfs.datanode.address "$ADDR:$DN_PORT"
  property dfs.datanode.ipc.address "$ADDR:$DN_IPC_PORT"
  property dfs.datanode.http.address "$ADDR:$DN_HTTP_PORT"
  property dfs.datanode.hostname "$ADDR"
  property dfs.namenode.datanode.registration.ip-hostname-check false
  property dfs.namenode.safemode.extension 0
  property dfs.namenode.safemode.min.datanodes 1
  property dfs.namenode.fs-limits.min-block-size 4096
  property dfs.heartbeat.interval 1
  property dfs.namenode.heartbeat.recheck-interval 5000
  property dfs.client.block.write.replace-datanode-on-failure.policy NEVER
  property dfs.namenode.secondary.http-address "$ADDR:0"
  property dfs.namenode.acls.enabled true
  [ -z "${SUIRO_HDFS_CONF:-}" ] || cat "$SUIRO_HDFS_CONF"
  echo '</configuration>'
}

write_conf() {
  mkdir -p "$CONF/cli" "$RUN/logs" "$DATA/nn" "$DATA/dn"
  chmod 700 "$DATA/dn"
  # The jars carry no web pages; the servers only insist that the folders exist.
  mkdir -p "$CONF"/webapps/{hdfs,datanode,static}
  core_site >"$CONF/core-site.xml"
  hdfs_site >"$CONF/hdfs-site.xml"
  cat >"$CONF/log4j.properties" <<'X'
log4j.rootLogger=INFO,out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.target=System.err
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d{ISO8601} %p %c{2}: %m%n
log4j.logger.org.apache.hadoop.util.NativeCodeLoader=ERROR
log4j.logger.BlockStateChange=WARN
log4j.logger.org.apache.hadoop.hdfs.StateChange=WARN
X
  sed 's/rootLogger=INFO/rootLogger=WARN/' "$CONF/log4j.properties" >"$CONF/cli/log4j.properties"
}

tool() { # CLASS ARGS...
  "$JAVA" "${OPENS[@]}" -Xmx"${HEAP}m" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dhadoop.log.dir="$RUN/logs" \
    -cp "$CONF/cli:$CONF:$JARS/*" "$@"
}

server() { # nn|dn CLASS
  spawn "$1" "${OPENS[@]}" -Xms64m -Xmx"${HEAP}m" -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError \
    -Djava.net.preferIPv4Stack=true -Dhadoop.log.dir="$RUN/logs" -cp "$CONF:$JARS/*" "$2"
}

format() {
  [ ! -f "$DATA/nn/current/VERSION" ] || return 0
  rm -rf "$DATA/dn"; mkdir -p "$DATA/dn"; chmod 700 "$DATA/dn"
  tool org.apache.hadoop.hdfs.server.namenode.NameNode -format -nonInteractive -clusterid suiro >"$RUN/logs/format.log" 2>&1 ||
    { show_log format; die "could not format $DATA/nn"; }
}

jmx() { curl -sf --max-time 3 "http://$ADDR:$1/jmx?qry=Hadoop:$2" 2>/dev/null; }

# ready: out of safe mode, with a live DataNode. FSNamesystemState is read live; the FSNamesystem bean of the same page
# is cached for 10 s. The NameNode keeps counting a killed DataNode for a while, so the DataNode is asked too.
ready() {
  local bean
  bean=$(jmx "$NN_HTTP_PORT" service=NameNode,name=FSNamesystemState) || return 1
  grep -q '"FSState" *: *"Operational"' <<<"$bean" || return 1
  grep -q '"NumLiveDataNodes" *: *[1-9]' <<<"$bean" || return 1
  bean=$(jmx "$DN_HTTP_PORT" service=DataNode,name=DataNodeInfo) || return 1
  grep -q 'ActorState[^,]*RUNNING' <<<"$bean"
}

# ready_or_dead ends the wait for the NameNode early when it is the DataNode that died.
ready_or_dead() { ready || ! alive dn >/dev/null; }

up() {
  take_base; lock; java_bin; need curl
  jars
  alive nn >/dev/null || require_free "HDFS NameNode" "$NN_PORT" "$NN_HTTP_PORT"
  alive dn >/dev/null || require_free "HDFS DataNode" "$DN_PORT" "$DN_IPC_PORT" "$DN_HTTP_PORT"
  mkdir -p "$RUN"; write_conf
  alive nn >/dev/null || { format; server nn org.apache.hadoop.hdfs.server.namenode.NameNode; }
  alive dn >/dev/null || server dn org.apache.hadoop.hdfs.server.datanode.DataNode
  await nn ready_or_dead
  await dn ready
  say "up: HDFS $VERSION on hdfs://$ADDR:$NN_PORT (pids $(alive nn) $(alive dn))"
}

down() { lock; stop dn 10; stop nn 10; say "down (data kept in $RUN)"; }

status() {
  local nn dn
  nn=$(alive nn) || nn=none
  dn=$(alive dn) || dn=none
  case $nn$dn in
    nonenone) line down - "'up hdfs' starts it"; return 3 ;;
    *none*) line broken "$ADDR:$NN_PORT" "NameNode pid $nn, DataNode pid $dn; 'up hdfs' starts what is missing"; return 4 ;;
  esac
  ready || { line silent "$ADDR:$NN_PORT" "pids $nn $dn live but HDFS is not ready; see $RUN/logs"; return 4; }
  line up "$ADDR:$NN_PORT" "pids $nn $dn, HDFS $VERSION"
}

cmd=${1:-}; shift || true
case $cmd in
  up | down | status | jars) "$cmd" ;;
  env) ! alive nn >/dev/null || printf 'export SUIRO_HDFS=%s:%s\n' "$ADDR" "$NN_PORT" ;;
  wipe) down; rm -rf "$RUN"; say "wiped" ;;
  kill) case ${1:-} in nn | dn) crash "$1" ;; *) die "kill nn|dn" ;; esac ;;
  fs) [ -d "$CONF" ] || die "no configuration yet: 'up' first"; java_bin; tool org.apache.hadoop.fs.FsShell "$@" ;;
  run) [ -d "$CONF" ] || die "no configuration yet: 'up' first"; java_bin; tool "$@" ;;
  *) usage ;;
esac
