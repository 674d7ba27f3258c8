package hdfs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/connectors/filesets"
	"github.com/suiro/suiro/connectors/filesets/claim"
	"github.com/suiro/suiro/connectors/filesets/filesetstest"
	"github.com/suiro/suiro/connectors/filesets/format"
	"github.com/suiro/suiro/connectors/filesets/storage/storagetest"
	"github.com/suiro/suiro/connectors/hdfs/internal/hive"
)

// memoryMetastore keeps the locations of partitions by table.
type memoryMetastore struct {
	mu    sync.Mutex
	away  bool
	calls int
	table hive.Table
	saw   []*data.Schema
	keeps bool  // what Register reports
	fails error // what it returns, if anything
	parts map[string][]string
}

func (m *memoryMetastore) Register(_ context.Context, t hive.Table, ps []hive.Partition) (kept bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls++
	if m.fails != nil {
		return false, m.fails
	}
	if m.away {
		return false, errors.New("metastore is away")
	}
	if m.parts == nil {
		m.parts = map[string][]string{}
	}
	m.table, m.saw = t, append(m.saw, t.Schema)
	for _, p := range ps {
		m.parts[p.Location] = p.Values
	}
	return m.keeps, nil
}
func (m *memoryMetastore) Interrupt()   {}
func (m *memoryMetastore) Close() error { return nil }

func (m *memoryMetastore) set(change func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change()
}

func (m *memoryMetastore) count() (calls, parts int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.calls, len(m.parts)
}

func startWithMetastore(t *testing.T, mem *storagetest.Mem, ms *memoryMetastore) *connecttest.Sink {
	t.Helper()
	task := &SinkTask{storage: mem, metastore: ms}
	sink := connecttest.StartSink(t, Plugin().Info, task, metastoreProps("hive.table.name", "x.${topic}-y"))
	sink.Open(p0)
	return sink
}

func metastoreProps(more ...string) map[string]string {
	return testProps(append([]string{"hive.integration", "true", "hive.metastore.uris", "thrift://none",
		"shutdown.timeout.ms", "10"}, more...)...)
}

func sets(mem *storagetest.Mem) (n int) {
	for name := range mem.Files("/root/+commits") {
		if strings.HasSuffix(name, ".done") {
			n++
		}
	}
	return n
}

func TestSetsStayInTheLogUntilHiveKnowsThem(t *testing.T) {
	mem, ms := storagetest.NewMem(), &memoryMetastore{away: true}
	sink := startWithMetastore(t, mem, ms)
	sink.Put(filesetstest.Records(p0, 0, 50)...)
	filesetstest.Eventually(t, "all is committed", func() bool { return sink.Commit()[p0] == 50 })
	sink.Stop()
	if got := sets(mem); got != 5 {
		t.Errorf("the log holds %d sets while Hive is away, want 5", got)
	}

	sink = startWithMetastore(t, mem, ms) // a new life has to read them
	ms.set(func() { ms.away = false })
	filesetstest.Eventually(t, "Hive knows three hours", func() bool { _, n := ms.count(); return n == 3 })
	sink.Put(filesetstest.Records(p0, 50, 60)...)
	filesetstest.Eventually(t, "the log is cut", func() bool { sink.Commit(); return sets(mem) == 1 })
	const hour10 = "hdfs://none:8020/root/access/dt=2015-05-17/hour=10"
	if got := ms.parts[hour10]; !slices.Equal(got, []string{"2015-05-17", "10"}) {
		t.Errorf("the values of %s are %q", hour10, got)
	}
	if got := ms.table; got.Name != "x_access_y" || got.Location != "hdfs://none:8020/root/access" ||
		!slices.Equal(got.Keys, []string{"dt", "hour"}) ||
		!got.Schema.Equal(filesetstest.Schema) {
		t.Errorf("the table is %+v", got)
	}
	calls, _ := ms.count()
	sink.Put(filesetstest.Records(p0, 60, 70)...)
	filesetstest.Eventually(t, "more is committed", func() bool { return sink.Commit()[p0] == 70 })
	if again, _ := ms.count(); again != calls {
		t.Errorf("Hive is asked %d times about what it knows", again-calls)
	}
}

// TestEverySchemaOfASetReachesTheTable: when the last file of a set is of an
// older schema, the newer one's columns must not be forgotten.
func TestEverySchemaOfASetReachesTheTable(t *testing.T) {
	mem, ms := storagetest.NewMem(), &memoryMetastore{}
	longer := *filesetstest.Schema
	longer.Fields = append(slices.Clone(longer.Fields), data.Field{Name: "ua",
		Schema: &data.Schema{Kind: data.String, Optional: true}})
	sink := startWithMetastore(t, mem, ms)
	rs := filesetstest.Records(p0, 0, 10)
	_, v, _ := rs[0].Value.Decode()
	rs[0].Value = connect.Decoded(&longer, v)
	sink.Put(rs...)
	filesetstest.Eventually(t, "the set is committed", func() bool { return sink.Commit()[p0] == 10 })
	filesetstest.Eventually(t, "Hive knows the partitions", func() bool { _, n := ms.count(); return n == 3 })
	ms.mu.Lock()
	defer ms.mu.Unlock()
	if !slices.ContainsFunc(ms.saw, func(s *data.Schema) bool { return s.Field("ua") != nil }) {
		t.Errorf("Hive saw %v, want the schema with ua among them", ms.saw)
	}
}

// TestWhatHiveRefusesEndsTheTask: nothing cures it but a person, so that trying
// again without end would only hide it.
func TestWhatHiveRefusesEndsTheTask(t *testing.T) {
	mem, ms := storagetest.NewMem(), &memoryMetastore{fails: fmt.Errorf("the table is a view: %w", hive.ErrRefused)}
	sink := startWithMetastore(t, mem, ms)
	sink.Put(filesetstest.Records(p0, 0, 10)...)
	filesetstest.Eventually(t, "the set is committed", func() bool { return sink.Commit()[p0] == 10 })
	filesetstest.Eventually(t, "Hive is asked", func() bool { calls, _ := ms.count(); return calls > 0 })
	next := int64(10)
	var err error
	filesetstest.Eventually(t, "Put fails", func() bool {
		err = sink.TryPut(filesetstest.Records(p0, next, next+10)...)
		next += 10
		return err != nil
	})
	if !errors.Is(err, hive.ErrRefused) || connect.IsRetriable(err) {
		t.Errorf("Put = %v, want the refusal", err)
	}
	if calls, _ := ms.count(); calls != 1 {
		t.Errorf("Hive was asked %d times, want once", calls)
	}
	sink.Stop()
	if sets(mem) < 1 {
		t.Error("the log forgot sets that Hive does not know")
	}

	ms.set(func() { ms.fails = nil }) // a person has dropped the view
	sink = startWithMetastore(t, mem, ms)
	filesetstest.Eventually(t, "Hive knows the partitions", func() bool { _, n := ms.count(); return n == 3 })
}

// TestATableThatKeepsItsColumnsIsTold: rows of the new schema are read by the
// old one, and their author has to hear of it.
func TestATableThatKeepsItsColumnsIsTold(t *testing.T) {
	ms := &memoryMetastore{keeps: true}
	var log bytes.Buffer
	s := &settings{HiveDatabase: "default", HiveTable: "${topic}", files: filesets.Options{Shutdown: time.Minute}}
	r := newRegistrar(s, format.Avro{}, ms, slog.New(slog.NewTextHandler(&log, nil)), newHiveCounters(nil))
	r.start()
	set := claim.Set{Schemas: []string{`{"type":"record","name":"R","fields":[]}`},
		Files: []claim.File{{Path: "access/dt=1/f"}}}
	if err := r.Add(set); err != nil {
		t.Fatal(err)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "keeps its columns") || !strings.Contains(log.String(), "table=access") {
		t.Errorf("the log is %q, want a word about the table", log.String())
	}
}

// TestFilesOfAnotherFormatAreNotHives: the format was changed, and the last set
// in the log is still of the old one.
func TestFilesOfAnotherFormatAreNotHives(t *testing.T) {
	mem, ms := storagetest.NewMem(), &memoryMetastore{}
	sink := connecttest.StartSink(t, Plugin().Info, &SinkTask{storage: mem}, testProps("format.class", "JsonFormat"))
	sink.Open(p0)
	sink.Put(filesetstest.Records(p0, 0, 10)...)
	filesetstest.Eventually(t, "the set is committed", func() bool { return sink.Commit()[p0] == 10 })
	sink.Stop()
	sink = startWithMetastore(t, mem, ms)
	sink.Put(filesetstest.Records(p0, 10, 20)...)
	filesetstest.Eventually(t, "the set is committed", func() bool { return sink.Commit()[p0] == 20 })
	filesetstest.Eventually(t, "Hive knows the partitions", func() bool { _, n := ms.count(); return n == 3 })
}

// TestDirectoriesOfAnotherPartitionerAreNotRegistered: the last set in the log is
// from before path.format was changed. Hive would refuse its partitions at each
// try, and those of the new ones with them.
func TestDirectoriesOfAnotherPartitionerAreNotRegistered(t *testing.T) {
	mem, ms := storagetest.NewMem(), &memoryMetastore{}
	sink := connecttest.StartSink(t, Plugin().Info, &SinkTask{storage: mem}, testProps("path.format", "'day='YYYYMMdd"))
	sink.Open(p0)
	sink.Put(filesetstest.Records(p0, 0, 10)...)
	filesetstest.Eventually(t, "the set is committed", func() bool { return sink.Commit()[p0] == 10 })
	sink.Stop()
	sink = startWithMetastore(t, mem, ms)
	sink.Put(filesetstest.Records(p0, 10, 30)...)
	filesetstest.Eventually(t, "the sets are committed", func() bool { return sink.Commit()[p0] == 30 })
	filesetstest.Eventually(t, "Hive knows the partitions", func() bool { _, n := ms.count(); return n == 3 })
	ms.mu.Lock()
	defer ms.mu.Unlock()
	for location, values := range ms.parts {
		if len(values) != 2 {
			t.Errorf("Hive got %s with the values %q, want those of dt and hour", location, values)
		}
	}
}

// The topics whose tables have one name.
var dotted, underscored = connect.TopicPartition{Topic: "a.b"}, connect.TopicPartition{Topic: "a_b"}

const oneTable = "topics a.b and a_b have the one hive table default.a_b: move a topic to a connector of " +
	"its own with another hive.table.name"

func TestTopicsOfOneTableEndTheTask(t *testing.T) {
	mem, ms := storagetest.NewMem(), &memoryMetastore{}
	sink := connecttest.StartSink(t, Plugin().Info, &SinkTask{storage: mem, metastore: ms}, metastoreProps())
	sink.Open(dotted, underscored)
	sink.Put(filesetstest.Records(dotted, 0, 10)...)
	filesetstest.Eventually(t, "the first topic is committed", func() bool { return sink.Commit()[dotted] == 10 })
	sink.Put(filesetstest.Records(underscored, 0, 1)...)
	var err error
	filesetstest.Eventually(t, "Put fails", func() bool { err = sink.TryPut(); return err != nil })
	if err.Error() != oneTable || connect.IsRetriable(err) {
		t.Errorf("Put = %v, want %s", err, oneTable)
	}
	sink.Stop()

	// The way out that the error names.
	sink = connecttest.StartSink(t, Plugin().Info, &SinkTask{storage: mem, metastore: ms},
		metastoreProps("hive.table.name", "other_${topic}"))
	sink.Open(underscored)
	sink.Put(filesetstest.Records(underscored, 0, 10)...)
	filesetstest.Eventually(t, "the second topic is committed", func() bool { return sink.Commit()[underscored] == 10 })
	filesetstest.Eventually(t, "Hive knows the partitions of both", func() bool { _, n := ms.count(); return n == 6 })
}

// TestTopicsOfOneTableAreFoundInTheLog: two tasks have committed sets of the
// topics, and now one gets both.
func TestTopicsOfOneTableAreFoundInTheLog(t *testing.T) {
	mem := storagetest.NewMem()
	for _, tp := range []connect.TopicPartition{dotted, underscored} {
		task := &SinkTask{storage: mem, metastore: &memoryMetastore{}}
		sink := connecttest.StartSink(t, Plugin().Info, task, metastoreProps())
		sink.Open(tp)
		sink.Put(filesetstest.Records(tp, 0, 10)...)
		filesetstest.Eventually(t, "the topic is committed", func() bool { return sink.Commit()[tp] == 10 })
		sink.Stop()
	}
	ms := &memoryMetastore{}
	task := &SinkTask{storage: mem, metastore: ms}
	connecttest.StartSink(t, Plugin().Info, task, metastoreProps())
	if err := task.Open(t.Context(), []connect.TopicPartition{dotted, underscored}); err == nil ||
		err.Error() != oneTable {
		t.Errorf("Open = %v, want %s", err, oneTable)
	}
}

// panickingMetastore is a client with a mistake in it.
type panickingMetastore struct{ memoryMetastore }

func (*panickingMetastore) Register(context.Context, hive.Table, []hive.Partition) (bool, error) {
	panic("index out of range")
}

// TestAPanicOfTheRegistrarEndsNoMoreThanTheTask: its goroutine is not the
// worker's, which could not recover it.
func TestAPanicOfTheRegistrarEndsNoMoreThanTheTask(t *testing.T) {
	task := &SinkTask{storage: storagetest.NewMem(), metastore: &panickingMetastore{}}
	sink := connecttest.StartSink(t, Plugin().Info, task, metastoreProps())
	sink.Open(p0)
	next := int64(0)
	var err error
	filesetstest.Eventually(t, "Put fails", func() bool {
		err = sink.TryPut(filesetstest.Records(p0, next, next+10)...)
		next += 10
		return err != nil
	})
	if !strings.Contains(err.Error(), "panic: index out of range") {
		t.Errorf("Put = %v, want the panic", err)
	}
}
