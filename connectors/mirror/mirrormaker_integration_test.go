//go:build integration

package mirror_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/servicetest"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// mirroring is a cluster a that is mirrored to a cluster b, by files of MirrorMaker 2.
type mirroring struct {
	t             *testing.T
	a, b          *servicetest.Services
	suiro         string // the program
	onA, onB      *kgo.Client
	mu            sync.Mutex // guards sent
	sent          map[int32]int
	stopProducing func()
}

const partitions = 3

func newMirroring(t *testing.T) *mirroring {
	t.Helper()
	if os.Getenv("SUIRO_LONG") != "1" {
		t.Skip("two Kafkas and several processes take minutes: SUIRO_LONG=1 runs it")
	}
	m := &mirroring{t: t, suiro: filepath.Join(t.TempDir(), "suiro"), sent: map[int32]int{}}
	for _, s := range []**servicetest.Services{&m.a, &m.b} {
		*s = servicetest.Own(t, "SUIRO_KAFKA_HEAP=-Xms96m -Xmx320m")
		(*s).Run("kafka.sh", "up")
	}
	out, err := exec.Command("go", "build", "-o", m.suiro, "github.com/suiro/suiro/cmd/suiro").CombinedOutput()
	if err != nil {
		t.Fatalf("build suiro: %v\n%s", err, out)
	}
	m.onA = kafkatest.Client(t, []string{m.a.Kafka()}, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	m.onB = kafkatest.Client(t, []string{m.b.Kafka()})
	if _, err := kadm.NewClient(m.onA).CreateTopic(t.Context(), partitions, 1, nil, "orders"); err != nil {
		t.Fatal(err)
	}
	return m
}

// file writes the properties of a process that listens at an address.
func (m *mirroring) file(name, address string) string {
	path := filepath.Join(m.t.TempDir(), name)
	text := fmt.Sprintf(`clusters = a, b
a.bootstrap.servers = %s
b.bootstrap.servers = %s
a->b.enabled = true
a->b.topics = orders
a->b.tasks.max = 2
sync.group.offsets.enabled = true
refresh.topics.interval.seconds = 2
refresh.groups.interval.seconds = 2
emit.checkpoints.interval.seconds = 1
sync.group.offsets.interval.seconds = 1
offset.lag.max = 10
replication.factor = 1
checkpoints.topic.replication.factor = 1
heartbeats.topic.replication.factor = 1
offset-syncs.topic.replication.factor = 1
offset.storage.replication.factor = 1
status.storage.replication.factor = 1
config.storage.replication.factor = 1
b.offset.flush.interval.ms = 500
b.exactly.once.source.support = enabled
b.scheduled.rebalance.max.delay.ms = 0
b.session.timeout.ms = 6000
b.heartbeat.interval.ms = 500
dedicated.mode.enable.internal.rest = true
listeners = http://%s
rest.advertised.host.name = 127.0.0.1
plugin.discovery = SERVICE_LOAD
`, m.a.Kafka(), m.b.Kafka(), address)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		m.t.Fatal(err)
	}
	return path
}

// running is a process that mirrors.
type running struct {
	m    *mirroring
	name string
	cmd  *exec.Cmd
	log  string
}

func (m *mirroring) start(name string, cmd *exec.Cmd) *running {
	m.t.Helper()
	r := &running{m: m, name: name, cmd: cmd, log: filepath.Join(m.t.TempDir(), "log")}
	log, err := os.Create(r.log)
	if err != nil {
		m.t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	_ = log.Close() // the process has it
	m.t.Cleanup(func() {
		if cmd.ProcessState == nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
		if text, err := os.ReadFile(r.log); m.t.Failed() && err == nil {
			m.t.Logf("the end of the log of %s:\n%s", name, text[max(0, len(text)-6000):])
		}
	})
	return r
}

// ours starts suiro mirror.
func (m *mirroring) ours(name string) *running {
	address := servicetest.FreeAddress(m.t)
	r := m.start(name, exec.Command(m.suiro, "mirror", m.file("mm2.properties", address)))
	kafkatest.Eventually(m.t, name+" to be ready", func() bool {
		answer, err := http.Get("http://" + address + "/ready")
		if err != nil {
			return false
		}
		defer func() { _ = answer.Body.Close() }()
		_, _ = io.Copy(io.Discard, answer.Body)
		return answer.StatusCode == http.StatusOK
	})
	return r
}

// java starts Kafka's MirrorMaker 2.
func (m *mirroring) java() *running {
	libs := strings.TrimSpace(m.a.Run("kafka.sh", "libs"))
	return m.start("MirrorMaker 2", exec.Command("java", "-Xmx384m", "-XX:+UseSerialGC", "-cp", libs+"/*",
		"org.apache.kafka.connect.mirror.MirrorMaker", m.file("mm2.properties", servicetest.FreeAddress(m.t))))
}

// stop ends the process as an operator does, or by kill -9.
func (r *running) stop(signal syscall.Signal) {
	r.m.t.Helper()
	if err := r.cmd.Process.Signal(signal); err != nil {
		r.m.t.Fatalf("stop %s: %v", r.name, err)
	}
	err := r.cmd.Wait()
	r.m.t.Logf("%s has ended: %v, with %d records mirrored", r.name, err, r.m.mirrored())
}

// produce writes records to each partition, numbered, until stopProducing is called.
func (m *mirroring) produce() {
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	m.stopProducing = func() { cancel(); done.Wait() }
	m.t.Cleanup(m.stopProducing)
	done.Go(func() {
		pace := time.NewTicker(time.Millisecond)
		defer pace.Stop()
		for n := 0; ctx.Err() == nil; n++ {
			<-pace.C
			p := int32(n % partitions)
			r := &kgo.Record{Topic: "orders", Partition: p, Value: fmt.Appendf(nil, "%d", n/partitions)}
			// The record is sent again until it is written, also when its broker is away.
			if err := m.onA.ProduceSync(context.Background(), r).FirstErr(); err != nil {
				m.t.Errorf("produce: %v", err)
				return
			}
			m.mu.Lock()
			m.sent[p]++
			m.mu.Unlock()
		}
	})
}

// mirrored is how many offsets the mirrored topic has.
func (m *mirroring) mirrored() (n int64) {
	ends, err := kadm.NewClient(m.onB).ListEndOffsets(context.Background(), "a.orders")
	if err != nil {
		return 0
	}
	ends.Each(func(o kadm.ListedOffset) { n += max(o.Offset, 0) })
	return n
}

// more waits until more has been mirrored.
func (m *mirroring) more(by string) {
	m.t.Helper()
	const records = 400
	from := m.mirrored()
	const patience = 3 * time.Minute // MirrorMaker 2 takes its time on a busy machine
	if !kafkatest.Within(patience, func() bool { return m.mirrored() >= from+records }) {
		m.t.Fatalf("%s has mirrored %d records in %v, want %d", by, m.mirrored()-from, patience, records)
	}
}

// check reads all that was mirrored: each record of each partition once, and in order.
func (m *mirroring) check() {
	m.t.Helper()
	total := 0
	for _, n := range m.sent {
		total += n
	}
	cl := kafkatest.Client(m.t, []string{m.b.Kafka()}, kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeTopics("a.orders"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	next, got := map[int32]int{}, 0
	ctx, cancel := context.WithTimeout(m.t.Context(), 2*time.Minute)
	defer cancel()
	for got < total && ctx.Err() == nil {
		cl.PollFetches(ctx).EachRecord(func(r *kgo.Record) {
			if want := fmt.Sprint(next[r.Partition]); string(r.Value) != want {
				m.t.Fatalf("partition %d offset %d has record %s, want %s: a record was lost or came twice", r.Partition,
					r.Offset, r.Value, want)
			}
			next[r.Partition]++
			got++
		})
	}
	quiet, cancel := context.WithTimeout(m.t.Context(), 3*time.Second)
	defer cancel()
	cl.PollFetches(quiet).EachRecord(func(r *kgo.Record) { m.t.Errorf("record %s of partition %d is one too many", r.Value, r.Partition) })
	if got != total {
		m.t.Fatalf("%d of %d records were mirrored", got, total)
	}
	m.t.Logf("%d records were mirrored, each once and in order", got)
}

// MirrorMaker 2 mirrors, two processes of suiro mirror go on, one of them is killed and started again,
// and MirrorMaker 2 goes on after them. Meanwhile records are written. Kafka's own RemoteClusterUtils
// reads what suiro mirror wrote.
func TestMirrorMaker2AndSuiroTakeTurns(t *testing.T) {
	m := newMirroring(t)
	m.produce()
	theirs := m.java()
	m.more("MirrorMaker 2")
	theirs.stop(syscall.SIGTERM)

	first := m.ours("the first suiro mirror")
	m.more("suiro mirror")
	second := m.ours("the second suiro mirror")
	m.more("two suiro mirrors")
	first.stop(syscall.SIGKILL)
	m.more("the second suiro mirror")
	m.translates()
	first = m.ours("the first suiro mirror again")
	second.stop(syscall.SIGKILL)
	m.more("the first suiro mirror")
	first.stop(syscall.SIGTERM)

	theirs = m.java()
	m.more("MirrorMaker 2 again")
	m.stopProducing()
	m.check()
	theirs.stop(syscall.SIGTERM)
}

// translates has a group of a read a part of orders, and compares what Kafka's own client translates
// its offsets to with what was read: never more, and something.
func (m *mirroring) translates() {
	m.t.Helper()
	const group = "billing"
	offsets, read := kadm.Offsets{}, map[int32]int{}
	m.mu.Lock()
	for p := range int32(partitions) { // what has been written so far: MirrorMaker 2 may have no sync of its first records
		read[p] = m.sent[p]
		offsets.AddOffset("orders", p, int64(read[p]), -1)
	}
	m.mu.Unlock()
	if _, err := kadm.NewClient(m.onA).CommitOffsets(m.t.Context(), group, offsets); err != nil {
		m.t.Fatal(err)
	}
	var committed kadm.OffsetResponses
	kafkatest.Eventually(m.t, "the offsets of the group to be committed on b", func() bool {
		committed, _ = kadm.NewClient(m.onB).FetchOffsets(m.t.Context(), group)
		return len(committed["a.orders"]) == partitions
	})
	libs := strings.TrimSpace(m.a.Run("kafka.sh", "libs"))
	text, err := exec.Command("java", "-Xmx256m", "-cp", libs+"/*", "testdata/Translate.java", m.b.Kafka(), "a", group).Output()
	if err != nil {
		m.t.Fatalf("Translate.java: %v", err)
	}
	m.t.Logf("Kafka's own client says:\n%s", text)
	for _, want := range []string{"upstream [a]", "hops 1", "a.heartbeats"} {
		if !strings.Contains(string(text), want) {
			m.t.Errorf("Kafka's own client says\n%swithout %q", text, want)
		}
	}
	for p := range int32(partitions) {
		o, _ := committed.Lookup("a.orders", p)
		if !strings.Contains(string(text), fmt.Sprintf("a.orders-%d=%d", p, o.At)) || o.At <= 0 {
			m.t.Errorf("partition %d: committed is %d, and Kafka's own client says\n%s", p, o.At, text)
		}
		if n := m.committedBefore(p, o.At); n > read[p] {
			m.t.Errorf("partition %d: the translated offset %d is behind %d records, and the group has read %d", p, o.At, n, read[p])
		}
	}
}

// committedBefore is how many records are in front of an offset of a partition of a.orders.
func (m *mirroring) committedBefore(p int32, offset int64) (n int) {
	cl := kafkatest.Client(m.t, []string{m.b.Kafka()}, kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{"a.orders": {p: kgo.NewOffset().AtStart()}}))
	ctx, cancel := context.WithTimeout(m.t.Context(), time.Minute)
	defer cancel()
	for at := int64(-1); at < offset && ctx.Err() == nil; {
		cl.PollFetches(ctx).EachRecord(func(r *kgo.Record) {
			if at = r.Offset; at < offset {
				n++
			}
		})
	}
	return n
}

// reader is a consumer group that moves between the clusters, and counts what it has read.
type reader struct {
	m     *mirroring
	group string
	seen  map[string]int // by partition and record
	twice int
}

// read has the group read a topic until it has read more records, of each partition at least one, and
// commits.
func (r *reader) read(brokers, topic string, more int) {
	r.m.t.Helper()
	cl := kafkatest.Client(r.m.t, []string{brokers}, kgo.ConsumerGroup(r.group), kgo.ConsumeTopics(topic),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.DisableAutoCommit(),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	defer cl.Close()
	ctx, cancel := context.WithTimeout(r.m.t.Context(), 2*time.Minute)
	defer cancel()
	seen := map[int32]bool{}
	for n := 0; (n < more || len(seen) < partitions) && ctx.Err() == nil; {
		cl.PollFetches(ctx).EachRecord(func(record *kgo.Record) {
			n++
			seen[record.Partition] = true
			id := fmt.Sprintf("%d/%s", record.Partition, record.Value)
			if r.seen[id]++; r.seen[id] > 1 {
				r.twice++
			}
		})
		if err := cl.CommitUncommittedOffsets(ctx); err != nil {
			r.m.t.Fatalf("group %s commits on %s: %v", r.group, brokers, err)
		}
	}
	if ctx.Err() != nil {
		r.m.t.Fatalf("group %s did not read %d records of %s in 2 minutes", r.group, more, topic)
	}
}

// lost counts the records that were written and not read.
func (r *reader) lost() (n int) {
	for p, sent := range r.m.sent {
		for i := range sent {
			if r.seen[fmt.Sprintf("%d/%d", p, i)] == 0 {
				n++
			}
		}
	}
	return n
}

// While records are written, processes of suiro mirror are killed and brokers of both clusters are
// killed and started again, in an order by a seed. A consumer group moves to the other cluster in the
// middle and back. Each record is mirrored once, and the group misses none.
func TestMirrorsOutliveKillsAndMissNothing(t *testing.T) {
	seed := time.Now().UnixNano()
	if text := os.Getenv("SUIRO_SEED"); text != "" {
		if _, err := fmt.Sscan(text, &seed); err != nil {
			t.Fatalf("SUIRO_SEED=%s: %v", text, err)
		}
	}
	t.Logf("SUIRO_SEED=%d does the same again", seed)
	random := rand.New(rand.NewPCG(uint64(seed), 0))
	m := newMirroring(t)
	m.produce()
	mirrors := []*running{m.ours("mirror 0"), m.ours("mirror 1")}
	group := &reader{m: m, group: "billing", seen: map[string]int{}}
	group.read(m.a.Kafka(), "orders", 500)

	kill := func(i int) func() {
		return func() {
			mirrors[i].stop(syscall.SIGKILL)
			m.more("the other mirror")
			mirrors[i] = m.ours(mirrors[i].name)
		}
	}
	broker := func(s *servicetest.Services) func() {
		return func() {
			s.Run("kafka.sh", "kill", "1")
			s.Run("kafka.sh", "up")
		}
	}
	faults := []func(){kill(0), kill(1), broker(m.a), broker(m.b)}
	random.Shuffle(len(faults), func(i, j int) { faults[i], faults[j] = faults[j], faults[i] })
	for _, fault := range faults[:2] {
		fault()
		m.more("both mirrors")
	}
	kafkatest.Eventually(t, "the offsets of the group to be committed on b", func() bool {
		committed, _ := kadm.NewClient(m.onB).FetchOffsets(t.Context(), group.group)
		return len(committed["a.orders"]) == partitions
	})
	group.read(m.b.Kafka(), "a.orders", 500)
	for _, fault := range faults[2:] {
		fault()
		m.more("both mirrors")
	}
	m.stopProducing()
	m.check()
	total := 0
	for _, n := range m.sent {
		total += n
	}
	group.read(m.b.Kafka(), "a.orders", 500)
	committed := m.position(m.onA, group.group, "orders")
	group.read(m.a.Kafka(), "orders", total-committed) // back where it was when it left, up to the end
	t.Logf("of %d records, the group has read %d more than once", total, group.twice)
	if n := group.lost(); n > 0 {
		t.Errorf("the group has not read %d of %d records", n, total)
	}
	for _, r := range mirrors {
		r.stop(syscall.SIGTERM)
	}
}

// position is how many records a group has behind it.
func (m *mirroring) position(cl *kgo.Client, group, topic string) (n int) {
	m.t.Helper()
	offsets, err := kadm.NewClient(cl).FetchOffsets(m.t.Context(), group)
	if err != nil {
		m.t.Fatal(err)
	}
	for _, o := range offsets[topic] {
		n += int(o.At)
	}
	return n
}
