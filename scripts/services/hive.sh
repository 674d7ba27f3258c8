#!/usr/bin/env bash
# A real Hive metastore (Thrift, embedded Derby) and HiveServer2 (MapReduce in local mode) on 127.0.0.1, on the HDFS of
# hdfs.sh, from Maven artifacts.
#
#   hive.sh up | down | status | env | wipe | jars
#   hive.sh kill hms|hs2       kill -9 one of them, for tests of failure; `up` starts what is missing
#   hive.sh sql 'SQL[; SQL]'   run statements on HiveServer2: tab separated, header first
#
# Environment (all optional, beside what lib.sh lists):
#   SUIRO_HMS_HEAP_MB, SUIRO_HS2_HEAP_MB  default 384 and 768
#   SUIRO_HS2_AUTH                        NONE (SASL PLAIN) or NOSASL, default NONE
#   SUIRO_HMS_CONF, SUIRO_HS2_CONF        files of <property> elements added to their configuration
#   SUIRO_HIVE_VERSION                    default 4.0.1, with SUIRO_HADOOP_VERSION 3.4.3
SERVICE=hive
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

VERSION=${SUIRO_HIVE_VERSION:-4.0.1}
HADOOP=${SUIRO_HADOOP_VERSION:-3.4.3}
JARS=$CACHE/hadoop/hive-$VERSION
CONF=$RUN/conf
HDFS_CONF=$STATE/hdfs/conf
HDFS=$ADDR:$((BASE + 30)) HDFS_HTTP=$ADDR:$((BASE + 31))
HMS_PORT=$((BASE + 40)) HS2_PORT=$((BASE + 41))

OPENS=(--add-opens=java.sql/java.sql=ALL-UNNAMED)
for p in java.lang java.lang.reflect java.lang.invoke java.io java.net java.nio java.util java.util.concurrent \
  java.util.concurrent.atomic java.util.regex java.time java.text sun.nio.ch sun.nio.cs sun.security.action sun.util.calendar; do
  OPENS+=("--add-opens=java.base/$p=ALL-UNNAMED")
done

# ---- jars -----------------------------------------------------------------------------

write_pom() {
  local a x
  # jdk.tools is Java 8's tools.jar; pac4j-saml drags in a repository outside Central; the shaded hadoop-client-* and the
  # old log4j bindings clash with the plain jars.
  x="$(exclusion jdk.tools jdk.tools)$(exclusion org.pac4j pac4j-saml-opensamlv3)$(exclusion org.apache.hadoop hadoop-client-api)"
  x+="$(exclusion org.apache.hadoop hadoop-client-runtime)$(exclusion org.slf4j slf4j-log4j12)$(exclusion log4j log4j)"
  x+="$(exclusion org.slf4j slf4j-reload4j)$(exclusion ch.qos.reload4j reload4j)"
  echo '<dependencyManagement><dependencies>'
  for a in common auth annotations hdfs-client mapreduce-client-core mapreduce-client-common mapreduce-client-jobclient \
    yarn-api yarn-common yarn-client; do
    dependency org.apache.hadoop "hadoop-$a" "$HADOOP" "$x"
  done
  echo '</dependencies></dependencyManagement><dependencies>'
  dependency org.apache.hive hive-service "$VERSION" "$x"
  dependency org.apache.hive hive-standalone-metastore-server "$VERSION" "$x"
  dependency org.apache.hive hive-jdbc "$VERSION" "$x"
  dependency org.apache.hadoop hadoop-common "$HADOOP" "$x"
  dependency org.apache.hadoop hadoop-hdfs-client "$HADOOP" "$x"
  dependency org.apache.hadoop hadoop-hdfs "$HADOOP" "$(exclusion '*' '*')" # server classes the metastore touches
  dependency org.apache.hadoop hadoop-mapreduce-client-jobclient "$HADOOP" "$x"
  dependency commons-collections commons-collections 3.2.2 # Hive 4.0 wants it, Hadoop 3.4 no longer brings it
  dependency org.apache.commons commons-lang3 3.18.0       # else 3.12 is chosen and DESCRIBE FORMATTED fails
  echo '</dependencies>'
}

fill() {
  local w=$1
  say "fetching the jars of Hive $VERSION (about 290 MB, once)"
  write_pom | pom >"$w/pom.xml"
  copy_jars "$w" "$w/home" || die "Maven could not fetch Hive $VERSION"
  # the schema scripts are only in the metastore's binary archive
  maven "$w" "$DEPENDENCY_PLUGIN:copy" -DoutputDirectory="$w" \
    -Dartifact="org.apache.hive:hive-standalone-metastore-server:$VERSION:tar.gz:bin" || die "Maven could not fetch the metastore's archive"
  mkdir -p "$w/home/home"
  tar xzf "$w/hive-standalone-metastore-server-$VERSION-bin.tar.gz" -C "$w/home/home" --strip-components=1 \
    --wildcards '*/scripts/metastore/upgrade/derby/*'
  derby_template "$w"
}

# derby_template keeps an initialised metastore database, so that a fresh one is a matter of unpacking.
derby_template() {
  local w=$1
  say "making an empty metastore database (once)"
  mkdir -p "$w/conf"
  { echo '<configuration>'
    property javax.jdo.option.ConnectionURL "jdbc:derby:;databaseName=$w/db;create=true"
    property javax.jdo.option.ConnectionDriverName org.apache.derby.jdbc.EmbeddedDriver
    echo '</configuration>'; } >"$w/conf/metastore-site.xml"
  METASTORE_HOME="$w/home/home" "$JAVA" "${OPENS[@]}" -Xmx512m -Dderby.stream.error.file="$w/derby.log" -cp "$w/conf:$w/home/*" \
    org.apache.hadoop.hive.metastore.tools.schematool.MetastoreSchemaTool -dbType derby -initSchema >"$w/schematool.log" 2>&1 ||
    { tail -n 10 "$w/schematool.log" >&2; die "schematool could not make the metastore's database"; }
  tar czf "$w/home/derby-template.tgz" -C "$w" db
}
jars() { java_bin; fetch "$JARS" .complete fill; }

# ---- configuration --------------------------------------------------------------------

property() { printf '<property><name>%s</name><value>%s</value></property>\n' "$1" "$2"; }

metastore_site() {
  echo '<configuration>'
  property metastore.thrift.bind.host "$ADDR"
  property metastore.thrift.port "$HMS_PORT"
  property metastore.thrift.uris "thrift://$ADDR:$HMS_PORT"
  property metastore.warehouse.dir "hdfs://$HDFS/user/hive/warehouse"
  property metastore.warehouse.external.dir "hdfs://$HDFS/user/hive/external"
  property javax.jdo.option.ConnectionURL "jdbc:derby:;databaseName=$RUN/db"
  property javax.jdo.option.ConnectionDriverName org.apache.derby.jdbc.EmbeddedDriver
  property metastore.event.db.notification.api.auth false
  property metastore.task.threads.always org.apache.hadoop.hive.metastore.events.EventCleanerTask
  [ -z "${SUIRO_HMS_CONF:-}" ] || cat "$SUIRO_HMS_CONF"
  echo '</configuration>'
}

hive_site() {
  echo '<configuration>'
  property hive.metastore.uris "thrift://$ADDR:$HMS_PORT"
  property hive.metastore.warehouse.dir "hdfs://$HDFS/user/hive/warehouse"
  property hive.metastore.warehouse.external.dir "hdfs://$HDFS/user/hive/external"
  property hive.server2.thrift.bind.host "$ADDR"
  property hive.server2.thrift.port "$HS2_PORT"
  property hive.server2.authentication "${SUIRO_HS2_AUTH:-NONE}"
  property hive.server2.enable.doAs false
  property hive.server2.webui.port 0
  property hive.server2.max.start.attempts 1
  property hive.server2.tez.initialize.default.sessions false
  property hive.server2.materializedviews.registry.impl DUMMY
  property hive.server2.logging.operation.log.location "$RUN/oplogs"
  property hive.execution.engine mr
  property mapreduce.framework.name local
  property mapreduce.cluster.local.dir "$RUN/scratch/mr"
  property hive.exec.submit.local.task.via.child false # map joins would run Hadoop's own launcher, which does not exist here
  property hive.exec.counters.pull.interval 200
  property mapreduce.client.progressmonitor.pollinterval 100
  property mapreduce.client.completion.pollinterval 100
  property hive.fetch.task.conversion more
  property hive.exec.scratchdir "hdfs://$HDFS/tmp/hive"
  property hive.exec.local.scratchdir "$RUN/scratch"
  property hive.downloaded.resources.dir "$RUN/scratch/resources"
  property hive.support.concurrency false
  property hive.txn.manager org.apache.hadoop.hive.ql.lockmgr.DummyTxnManager
  property hive.metastore.event.db.notification.api.auth false
  property hive.stats.autogather false
  [ -z "${SUIRO_HS2_CONF:-}" ] || cat "$SUIRO_HS2_CONF"
  echo '</configuration>'
}

write_conf() {
  local f
  mkdir -p "$CONF/hms" "$CONF/hs2" "$RUN/logs" "$RUN/scratch" "$RUN/oplogs"
  metastore_site >"$CONF/hms/metastore-site.xml"
  hive_site >"$CONF/hs2/hive-site.xml"
  for f in hms/log4j2 hms/metastore-log4j2 hs2/log4j2 hs2/hive-log4j2; do
    printf '%s\n' 'name=suiro' 'appender.c.type=Console' 'appender.c.name=c' 'appender.c.target=SYSTEM_ERR' \
      'appender.c.layout.type=PatternLayout' 'appender.c.layout.pattern=%d{ISO8601} %p %c{2} [%t]: %m%n' \
      'rootLogger.level=INFO' 'rootLogger.appenderRef.c.ref=c' 'logger.dn.name=DataNucleus' 'logger.dn.level=ERROR' \
      'logger.native.name=org.apache.hadoop.util.NativeCodeLoader' 'logger.native.level=ERROR' >"$CONF/$f.properties"
  done
}

# ---- running --------------------------------------------------------------------------

server() { # hms|hs2 HEAP CLASS ARGS...
  local name=$1 heap=$2; shift 2
  spawn "$name" "${OPENS[@]}" -Xms64m -Xmx"${heap}m" -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError \
    -Djava.net.preferIPv4Stack=true -Djava.io.tmpdir="$RUN/scratch" -Dderby.stream.error.file="$RUN/logs/derby.log" \
    -Dlog4j2.configurationFile="$CONF/$name/log4j2.properties" -cp "$CONF/$name:$HDFS_CONF:$JARS/*" "$@"
}

# database unpacks an empty one on first use. Its tables name their HDFS by address, so it belongs to one port block.
database() {
  local was; was=$(cat "$RUN/hdfs" 2>/dev/null || echo "$HDFS")
  [ "$was" = "$HDFS" ] || die "the metastore in $RUN names hdfs://$was, not $HDFS: set SUIRO_SERVICES_PORT back, or 'wipe hive'"
  [ -d "$RUN/db" ] || tar xzf "$JARS/derby-template.tgz" -C "$RUN"
  echo "$HDFS" >"$RUN/hdfs"
  rm -f "$RUN/db/db.lck"
}

webhdfs() { curl -sf -o /dev/null -X PUT "http://$HDFS_HTTP/webhdfs/v1$1&user.name=$(id -un)"; }

warehouse() {
  local d
  for d in /tmp /tmp/hive /user/hive/warehouse /user/hive/external; do
    webhdfs "$d?op=MKDIRS" && webhdfs "$d?op=SETPERMISSION&permission=1777" || die "could not make $d in HDFS"
  done
}

up() {
  take_base; lock; java_bin; need curl
  jars
  "$HERE/hdfs.sh" status >/dev/null || die "HDFS is not ready: '$HERE/services up hdfs' first"
  write_conf
  if ! alive hms >/dev/null; then
    require_free "the Hive metastore" "$HMS_PORT"
    database
    server hms "${SUIRO_HMS_HEAP_MB:-384}" org.apache.hadoop.hive.metastore.HiveMetaStore -p "$HMS_PORT"
  fi
  warehouse
  await hms port_open "$HMS_PORT"
  if ! alive hs2 >/dev/null; then
    require_free HiveServer2 "$HS2_PORT"
    server hs2 "${SUIRO_HS2_HEAP_MB:-768}" org.apache.hive.service.server.HiveServer2
  fi
  await hs2 port_open "$HS2_PORT"
  say "up: Hive $VERSION, metastore on $ADDR:$HMS_PORT (pid $(alive hms)), HiveServer2 on $ADDR:$HS2_PORT (pid $(alive hs2))"
}

down() { lock; stop hs2 15; stop hms 15; say "down (data kept in $RUN)"; }

status() {
  local hms hs2
  hms=$(alive hms) || hms=none
  hs2=$(alive hs2) || hs2=none
  case $hms$hs2 in
    nonenone) line down - "'up hive' starts it"; return 3 ;;
    *none*) line broken "$ADDR:$HMS_PORT,$HS2_PORT" "metastore pid $hms, HiveServer2 pid $hs2; 'up hive' starts what is missing"; return 4 ;;
  esac
  port_open "$HMS_PORT" && port_open "$HS2_PORT" ||
    { line silent "$ADDR:$HMS_PORT,$HS2_PORT" "pids $hms $hs2 live but do not answer; see $RUN/logs"; return 4; }
  line up "$ADDR:$HMS_PORT,$HS2_PORT" "pids $hms $hs2, Hive $VERSION: metastore, HiveServer2"
}

env_lines() {
  ! alive hms >/dev/null || echo "export SUIRO_HMS=$ADDR:$HMS_PORT"
  ! alive hs2 >/dev/null || echo "export SUIRO_HS2=$ADDR:$HS2_PORT"
}

sql() {
  java_bin
  alive hs2 >/dev/null || die "HiveServer2 is not running: '$HERE/services up hive' first"
  "$JAVA" "${OPENS[@]}" -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dlog4j2.level=ERROR -Dlog4j2.StatusLogger.level=ERROR \
    -cp "$JARS/*" "$HERE/hive/Sql.java" "jdbc:hive2://$ADDR:$HS2_PORT/default" "$1" \
    2> >(grep -vE '^SLF4J|^[0-9:.]+ \[|WARNING|ERROR StatusLogger' >&2)
}

cmd=${1:-}; shift || true
case $cmd in
  up | down | status | jars) "$cmd" ;;
  env) env_lines ;;
  wipe) down; rm -rf "$RUN"; say "wiped" ;;
  kill) case ${1:-} in hms | hs2) crash "$1" ;; *) die "kill hms|hs2" ;; esac ;;
  sql) [ -n "${1:-}" ] || die "sql 'statement'"; sql "$1" ;;
  *) usage ;;
esac
