//go:build integration

package hdfs

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/beltran/gohive"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/connectors/filesets/filesetstest"
	"github.com/suiro/suiro/connectors/filesets/names"
	"github.com/suiro/suiro/connectors/hdfs/internal/dfs"
	"github.com/suiro/suiro/connectors/hdfs/internal/hive"
)

// service returns the address in an environment variable.
func service(t *testing.T, name, script string) string {
	t.Helper()
	addr := os.Getenv(name)
	if addr == "" {
		if os.Getenv("SUIRO_REQUIRE_SERVICES") == "1" {
			t.Fatalf("%s is not set: start it with scripts/services/%s up", name, script)
		}
		t.Skipf("set %s to the service's address; scripts/services/%s up starts one", name, script)
	}
	return addr
}

// remote is a folder of its own in HDFS, removed after the test.
type remote struct {
	addr, dir string
	fs        *dfs.FS
}

func openRemote(t *testing.T, addr string) *remote {
	t.Helper()
	s, err := dfs.New(addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := &remote{addr: addr, dir: "/suiro-test/" + strings.ToLower(rand.Text()), fs: s}
	if err := s.MkdirAll(r.dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(s.Remove(r.dir), s.Close()); err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *remote) props(more ...string) map[string]string {
	return testProps(append([]string{"store.url", "hdfs://" + r.addr, "topics.dir", r.dir,
		"retry.backoff.ms", "200"}, more...)...)
}

// files reads every final file.
func (r *remote) files(t *testing.T) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	var walk func(dir string)
	walk = func(dir string) {
		for e, err := range r.fs.List(dir) {
			if err != nil {
				t.Fatal(err)
			}
			switch p := path.Join(dir, e.Name); {
			case strings.HasPrefix(e.Name, "+"):
			case e.Dir:
				walk(p)
			default:
				if out[p], err = r.fs.ReadFile(p, 1<<30); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	walk(r.dir)
	return out
}

// feedIn runs feedAll in this process, with a limit.
func feedIn(t *testing.T, props map[string]string, total int64, logs io.Writer) (*connecttest.SinkContext,
	<-chan error) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	tc := connecttest.NewSinkContext()
	ended := make(chan error, 1)
	go func() {
		defer cancel()
		ended <- feedAll(ctx, logged{processContext{SinkContext: tc}, logs}, props, total, func(int64) {})
	}()
	return tc, ended
}

// logged writes the task's log somewhere.
type logged struct {
	processContext
	to io.Writer
}

func (l logged) Logger() *slog.Logger { return slog.New(slog.NewTextHandler(l.to, nil)) }

func TestProcessesThatSleepAndDieOnHDFS(t *testing.T) {
	r := openRemote(t, service(t, "SUIRO_HDFS", "hdfs.sh"))
	f := newFight(t, r.props("flush.size", "100"), 8000)
	stops, kills := f.run()
	t.Logf("%d writers stopped and continued, %d killed", stops, kills)
	filesetstest.WantOnce(t, r.files(t), f.total)
}

// hiveQuery returns the first column of the first row.
func hiveQuery(t *testing.T, query string) string {
	t.Helper()
	host, port, err := net.SplitHostPort(service(t, "SUIRO_HS2", "hive.sh"))
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.WithoutCancel(t.Context()) // also from a cleanup
	conf := gohive.NewConnectConfiguration()
	conf.Username = "suiro"
	conn, err := gohive.Connect(host, n, "NONE", conf)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c := conn.Cursor()
	defer c.Close()
	c.Exec(ctx, query)
	if c.Err != nil {
		t.Fatalf("%s: %v", query, c.Err)
	}
	if len(c.Description()) == 0 || !c.HasMore(ctx) {
		return ""
	}
	for _, v := range c.RowMap(ctx) {
		return fmt.Sprint(v)
	}
	return ""
}

func hiveProps(t *testing.T, r *remote, table string, more ...string) map[string]string {
	return r.props(append([]string{"hive.integration", "true", "hive.table.name", table,
		"shutdown.timeout.ms", "20000",
		"hive.metastore.uris", "thrift://" + service(t, "SUIRO_HMS",
			"hive.sh"), "flush.size", "1000"}, more...)...)
}

func hiveTable(t *testing.T) string {
	table := "t_" + strings.ToLower(rand.Text())
	t.Cleanup(func() { hiveQuery(t, "DROP TABLE IF EXISTS "+table) })
	return table
}

func wantRows(t *testing.T, table string, total int64) {
	t.Helper()
	query := "SELECT concat(count(*), ' ', count(distinct n), ' ', count(distinct concat(dt, hour))) FROM " + table
	if got, want := hiveQuery(t, query), fmt.Sprintf("%d %d %d", total, total, hoursOf(total)); got != want {
		t.Errorf("the table has rows, distinct rows, hours: %s, want %s", got, want)
	}
}

// hoursOf counts the hours of the records up to total.
func hoursOf(total int64) int {
	hours := map[string]bool{}
	for o := range total {
		hours[filesetstest.Record(p0, o).Timestamp.Format("2006010215")] = true
	}
	return len(hours)
}

func TestTenThousandRecordsInAHiveTable(t *testing.T) {
	const total = 10000
	r := openRemote(t, service(t, "SUIRO_HDFS", "hdfs.sh"))
	table := hiveTable(t)
	for round := range 2 { // the second adds none
		_, ended := feedIn(t, hiveProps(t, r, table), total, testLog{t})
		if err := <-ended; err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		wantRows(t, table, total)
	}
	at := hiveQuery(t, "SELECT cast(`time` as string) FROM "+table+" WHERE n = 0")
	if want := "2015-05-17 10:00:00"; at != want {
		t.Errorf("the time of the first record is %q, want %q", at, want)
	}
}

func TestTheHiveTableGetsNewColumns(t *testing.T) {
	r := openRemote(t, service(t, "SUIRO_HDFS", "hdfs.sh"))
	table := hiveTable(t)
	longer := *filesetstest.Schema
	longer.Fields = append(slices.Clone(longer.Fields), data.Field{Name: "ua",
		Schema: &data.Schema{Kind: data.String, Optional: true}})
	for _, at := range []int64{0, 10} {
		sink := connecttest.StartSink(t, Plugin().Info, &SinkTask{}, hiveProps(t, r, table, "flush.size", "10"))
		sink.Open(p0)
		rs := filesetstest.Records(p0, at, at+10)
		for _, rec := range rs {
			if at == 10 {
				rec.Value = connect.Decoded(&longer, map[string]any{"n": rec.Offset, "time": rec.Timestamp,
					"ua": "Mozilla"})
			}
		}
		sink.Put(rs...)
		filesetstest.Eventually(t, "the set is committed", func() bool { return sink.Commit()[p0] == at+10 })
		sink.Stop()
	}
	got := hiveQuery(t, "SELECT concat(count(*), ' ', count(ua), ' ', sum(n)) FROM "+table)
	if want := "20 10 190"; got != want {
		t.Errorf("rows, rows with the new column, sum: %s, want %s", got, want)
	}
}

// TestAFieldThatPartitionsIsOneColumn: Hive refuses to look at a column that a
// table has twice, and the FieldPartitioner's are always in the records too.
func TestAFieldThatPartitionsIsOneColumn(t *testing.T) {
	r := openRemote(t, service(t, "SUIRO_HDFS", "hdfs.sh"))
	table := hiveTable(t)
	sink := connecttest.StartSink(t, Plugin().Info, &SinkTask{}, hiveProps(t, r, table, "flush.size", "10",
		"partitioner.class", "FieldPartitioner", "partition.field.name", "n"))
	sink.Open(p0)
	sink.Put(filesetstest.Records(p0, 0, 10)...)
	filesetstest.Eventually(t, "the set is committed", func() bool { return sink.Commit()[p0] == 10 })
	sink.Stop()
	got := hiveQuery(t, "SELECT concat(count(*), ' ', sum(n), ' ', count(`time`)) FROM "+table+" WHERE n > 3")
	if want := "6 39.0 6"; got != want {
		t.Errorf("rows, sum, times: %s, want %s", got, want)
	}
}

// TestTablesForOtherFilesEndTheTask: no waiting gives a table other partition
// columns or another format, or makes a database.
func TestTablesForOtherFilesEndTheTask(t *testing.T) {
	r := openRemote(t, service(t, "SUIRO_HDFS", "hdfs.sh"))
	const byHour = " (n bigint, `time` timestamp) PARTITIONED BY (dt string, hour string)"
	for name, c := range map[string]struct {
		table string // its definition
		props []string
		want  string
	}{
		"other partition columns": {" (n bigint) PARTITIONED BY (day string) STORED AS AVRO", nil,
			"partition columns are (day), those of the files (dt, hour): drop"},
		"text": {byHour, nil, "reads files by TextInputFormat, and these need AvroContainerInputFormat: drop"},
		"orc":  {byHour + " STORED AS ORC", nil, "reads files by OrcInputFormat, and these need"},
		"no database": {" (n bigint)", []string{"hive.database", "suiro_no_such_database"},
			"suiro_no_such_database"},
	} {
		t.Run(name, func(t *testing.T) {
			table := hiveTable(t)
			hiveQuery(t, "CREATE TABLE "+table+c.table)
			props := hiveProps(t, r, table, append([]string{"topics.dir", r.dir + "/" + strings.ToLower(rand.Text()),
				"flush.size", "10", "shutdown.timeout.ms", "1000"}, c.props...)...)
			sink := connecttest.StartSink(t, Plugin().Info, &SinkTask{}, props)
			sink.Open(p0)
			var err error
			for next := int64(0); err == nil; next += 10 {
				err = sink.TryPut(filesetstest.Records(p0, next, next+10)...)
				filesetstest.Eventually(t, "the set is committed", func() bool {
					return err != nil || sink.Commit()[p0] == next+10 || sink.TryPut() != nil
				})
			}
			if !errors.Is(err, hive.ErrRefused) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Put = %v, want a refusal with %q", err, c.want)
			}
		})
	}
}

func TestKilledHalfWayTheHiveTableIsWhole(t *testing.T) {
	r := openRemote(t, service(t, "SUIRO_HDFS", "hdfs.sh"))
	table := hiveTable(t)
	f := newFight(t, hiveProps(t, r, table, "flush.size", "500"), 10000)
	for i := range 3 {
		p := f.begin("w")
		if !f.progress(p, 3+i) {
			t.Fatal("the writer ended before it was killed")
		}
		f.kill(p)
	}
	last := f.begin("w")
	for f.progress(last, 1) {
	}
	if err := last.cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	wantRows(t, table, f.total)
}

func TestAMetastoreThatIsAwayStopsNothing(t *testing.T) {
	const total = 3000
	r := openRemote(t, service(t, "SUIRO_HDFS", "hdfs.sh"))
	table := hiveTable(t)
	props := hiveProps(t, r, table, "hive.metastore.uris", "thrift://127.0.0.1:1", "shutdown.timeout.ms", "10")
	_, ended := feedIn(t, props, total, testLog{t})
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	// All is committed and nothing registered; the next life catches up.
	_, ended = feedIn(t, hiveProps(t, r, table), total, testLog{t})
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	wantRows(t, table, total)
}

// hadoop runs one of Hadoop's tools.
func hadoop(t *testing.T, env []string, args ...string) {
	t.Helper()
	cmd := exec.Command("../../scripts/services/hdfs.sh", args...)
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("hdfs.sh %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func TestAFullDiskPausesAndRecovers(t *testing.T) {
	const total = 5000
	r := openRemote(t, service(t, "SUIRO_HDFS", "hdfs.sh"))
	quota := func(args ...string) {
		all := append([]string{"run", "org.apache.hadoop.hdfs.tools.DFSAdmin", "-fs", "hdfs://" + r.addr},
			args...)
		hadoop(t, nil, append(all, r.dir)...)
	}
	quota("-setSpaceQuota", "1m") // less than a block: no file can be written
	tc, ended := feedIn(t, r.props("flush.size", "500"), total, testLog{t})
	filesetstest.Eventually(t, "the partition is paused", func() bool { return tc.Paused(p0) })
	quota("-clrSpaceQuota")
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	filesetstest.WantOnce(t, r.files(t), total)
}

func TestNameNodeAndDataNodeMayDie(t *testing.T) {
	service(t, "SUIRO_HDFS", "hdfs.sh") // only to say what to start where there is no Java
	const total, port = 15000, 29700
	env := []string{"SUIRO_SERVICES_STATE=" + t.TempDir(), fmt.Sprintf("SUIRO_SERVICES_PORT=%d", port)}
	t.Cleanup(func() { hadoop(t, env, "down") })
	hadoop(t, env, "up")
	r := &remote{addr: fmt.Sprintf("127.0.0.1:%d", port+30), dir: "/topics"}
	var err error
	if r.fs, err = dfs.New(r.addr, nil); err != nil {
		t.Fatal(err)
	}
	defer r.fs.Close()
	_, ended := feedIn(t, r.props("flush.size", "50"), total, testLog{t})
	for _, node := range []string{"dn", "nn"} {
		before := logEnd(r)
		filesetstest.Eventually(t, "more is committed", func() bool { return logEnd(r) > before })
		hadoop(t, env, "kill", node)
		hadoop(t, env, "up")
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	filesetstest.WantOnce(t, r.files(t), total)
}

// logEnd is where the files end, by their names.
func logEnd(r *remote) int64 {
	next, _, _ := (names.Names{Delim: "+"}).End(r.fs, r.dir, p0)
	return next
}
