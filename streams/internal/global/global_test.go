package global

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/stores/mem"
	"github.com/suiro/suiro/streams/internal/failures"
	"github.com/suiro/suiro/streams/internal/lag"
	"github.com/suiro/suiro/streams/internal/telemetry"
	"github.com/suiro/suiro/streams/topology"
)

// house is an instance with one global store, of the topic "rows".
type house struct {
	t       *testing.T
	brokers []string
	adm     *kadm.Client
	db      stores.DB
	letters string // topic for dead letters
	client  func() ([]kgo.Opt, error)
	taken   atomic.Int64 // records that the store was given
	lags    *lag.Tracker

	stores *Stores
	ended  chan error // what Run returned
	stop   func() error
}

func newHouse(t *testing.T, opts ...kfake.Opt) *house {
	t.Helper()
	brokers := kafkatest.Start(t, append([]kfake.Opt{kfake.SeedTopics(3, "rows")}, opts...)...).ListenAddrs()
	// What the client remembers of topics would hide that they are made again.
	adm := kadm.NewClient(kafkatest.Client(t, brokers, kgo.MetadataMinAge(10*time.Millisecond)))
	h := &house{t: t, brokers: brokers, adm: adm, db: mem.Open()}
	h.client = func() ([]kgo.Opt, error) {
		return []kgo.Opt{kgo.SeedBrokers(brokers...), kgo.MetadataMinAge(10 * time.Millisecond),
			kgo.MetadataMaxAge(50 * time.Millisecond), kgo.FetchMaxWait(50 * time.Millisecond)}, nil
	}
	return h
}

// rows is the global store: the value "bad" is rejected.
func (h *house) rows() topology.GlobalStore {
	store := topology.Store{Spec: kinds.Spec{Name: "rows", Kind: kinds.Timestamped}}
	build := func(ctx topology.Context) topology.Handler {
		rows := ctx.Stores().KeyValue("rows")
		return func(r *topology.Record) error {
			h.taken.Add(1)
			switch string(r.Value) {
			case "bad":
				return &topology.Rejection{Stage: topology.Deserialization, Err: errors.New("it is bad")}
			case "":
				rows.Delete(r.Key)
				return nil
			}
			rows.Put(r.Key, format.AppendTimestamped(nil, r.Timestamp.UnixMilli(), r.Value))
			return nil
		}
	}
	return topology.GlobalStore{
		Source:    topology.Source{Name: "source", Topic: "rows", New: build},
		Processor: topology.Processor{Name: "processor", Stores: []topology.Store{store}},
	}
}

// start runs the stores, with what the DB has.
func (h *house) start() {
	h.t.Helper()
	metrics, err := telemetry.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	h.lags = lag.New(func(string, int32, int64, int64) {})
	h.stores, err = New(Options{
		Stores: []topology.GlobalStore{h.rows()}, DB: h.db, ApplicationID: "app",
		Client: h.client, Admin: h.adm, LookInterval: 20 * time.Millisecond, MaxPollRecords: 7,
		Failures: failures.Policy{DeadLetters: h.letters},
		Metrics:  metrics.Task(TaskID()), Lags: h.lags, Logger: slog.New(slog.NewTextHandler(h.t.Output(), nil)),
	})
	if err != nil {
		h.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	h.ended = ended
	go func() { ended <- h.stores.Run(ctx); close(ended) }()
	h.stop = func() error {
		cancel()
		return <-ended // nil at the second call
	}
	h.t.Cleanup(func() {
		if err := h.stop(); err != nil {
			h.t.Error(err)
		}
		h.gone()
	})
}

// gone checks that nothing of the stores runs any more.
func (h *house) gone() {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	for _, g := range strings.Split(string(stacks), "\n\n") {
		if strings.Contains(g, "global.(*table)") || strings.Contains(g, "global.(*follower)") {
			h.t.Errorf("a goroutine is left:\n%s", g)
		}
	}
}

// ready waits until the stores were read.
func (h *house) ready() {
	h.t.Helper()
	select {
	case <-h.stores.Ready():
	case <-time.After(kafkatest.Patience):
		h.t.Fatalf("the stores are not ready: %+v", h.stores.Status())
	}
}

// produce writes records "key=value", or "key" for a deletion.
func (h *house) produce(records ...string) {
	h.t.Helper()
	var all []*kgo.Record
	for _, text := range records {
		key, value, _ := strings.Cut(text, "=")
		all = append(all, &kgo.Record{Topic: "rows", Key: []byte(key), Value: []byte(value), Timestamp: time.UnixMilli(1000)})
	}
	kafkatest.Produce(h.t, h.brokers, all...)
}

// content is what readers see, "key=value" in order.
func (h *house) content() string {
	h.t.Helper()
	it, err := h.stores.Reader("rows").Range(nil, nil, false)
	if err != nil {
		h.t.Fatal(err)
	}
	var out []string
	for it.Next() {
		at, value, err := format.ParseTimestamped(it.Value())
		if err != nil || at != 1000 {
			h.t.Errorf("value %q at %d, %v", it.Value(), at, err)
		}
		out = append(out, fmt.Sprintf("%s=%s", it.Key(), value))
	}
	if err := errors.Join(it.Err(), it.Close()); err != nil {
		h.t.Fatal(err)
	}
	return strings.Join(out, " ")
}

func (h *house) eventually(want string) {
	h.t.Helper()
	if !kafkatest.Within(kafkatest.Patience, func() bool { return h.content() == want }) {
		h.t.Fatalf("the store has %q, want %q: %+v", h.content(), want, h.stores.Status())
	}
}

func (h *house) check(want string) {
	h.t.Helper()
	if got := h.content(); got != want {
		h.t.Errorf("the store has %q, want %q", got, want)
	}
}

func TestAStoreHasItsWholeTopicAndFollowsIt(t *testing.T) {
	h := newHouse(t)
	h.produce("a=1", "b=1", "c=1", "a=2", "b")
	h.start()
	h.ready()
	h.check("a=2 c=1")
	if got := h.stores.Status(); got.Reading != 0 || got.Remaining != 0 || got.Restored != 5 || got.Problem != "" {
		t.Errorf("status %+v, want 5 records restored and nothing left", got)
	}
	h.produce("b=3", "c")
	h.eventually("a=2 b=3")
	kafkatest.Eventually(t, "a lag of 0 in each partition", func() bool {
		lags := h.lags.Lags()
		for _, l := range lags {
			if l.Records != 0 {
				return false
			}
		}
		return len(lags) > 0
	})
	if h.stores.Reader("other") != nil || (*Stores)(nil).Reader("rows") != nil {
		t.Error("there is a reader of a store that there is not")
	}
}

func TestAnEmptyTopicIsReadAtOnce(t *testing.T) {
	h := newHouse(t)
	h.start()
	h.ready()
	h.check("")
	h.produce("a=1")
	h.eventually("a=1")
}

func TestARestartGoesOnBehindTheCheckpoint(t *testing.T) {
	h := newHouse(t)
	for i := range 100 {
		h.produce(fmt.Sprintf("k%03d=1", i))
	}
	for round := range 3 {
		h.start()
		h.ready()
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		if got, want := h.taken.Load(), int64(100+round); got != want {
			t.Errorf("round %d: the store was given %d records, want %d", round, got, want)
		}
		h.produce("k000=2")
	}
}

// What is not committed is not seen, and not waited for.
func TestOnlyCommittedRecordsAreTaken(t *testing.T) {
	h := newHouse(t)
	for _, end := range []string{"aborted", "committed", "open"} {
		cl := kafkatest.Client(t, h.brokers, kgo.TransactionalID(end), kgo.DefaultProduceTopic("rows"))
		if err := cl.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		r := &kgo.Record{Key: []byte(end), Value: []byte("1"), Timestamp: time.UnixMilli(1000)}
		if err := cl.ProduceSync(t.Context(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if end != "open" {
			if err := cl.EndTransaction(t.Context(), kgo.TransactionEndTry(end == "committed")); err != nil {
				t.Fatal(err)
			}
		}
	}
	h.start()
	h.ready()
	h.check("committed=1")
}

// make makes the topic again.
func (h *house) make() {
	h.t.Helper()
	if _, err := h.adm.DeleteTopics(h.t.Context(), "rows"); err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.adm.CreateTopic(h.t.Context(), 2, 1, nil, "rows"); err != nil {
		h.t.Fatal(err)
	}
}

// A topic that is made again while it is followed is read from its beginning, and readers
// see the rows of the old one until then.
func TestATopicThatIsMadeAgainIsReadAgain(t *testing.T) {
	h := newHouse(t)
	h.produce("a=1", "b=1", "c=1", "d=1")
	h.start()
	h.ready()
	if _, err := h.adm.DeleteTopics(t.Context(), "rows"); err != nil {
		t.Fatal(err)
	}
	kafkatest.Eventually(t, "the status says that the topic is gone", func() bool {
		return strings.Contains(h.stores.Status().Problem, "its topic does not exist")
	})
	h.check("a=1 b=1 c=1 d=1")
	if _, err := h.adm.CreateTopic(t.Context(), 2, 1, nil, "rows"); err != nil {
		t.Fatal(err)
	}
	h.produce("a=2", "e=2")
	h.eventually("a=2 e=2")
	kafkatest.Eventually(t, "the status says that all is well", func() bool { return h.stores.Status().Problem == "" })
	h.restarted("a=2 e=2")
}

// restarted checks that a restart sees what there was.
func (h *house) restarted(want string) {
	h.t.Helper()
	if err := h.stop(); err != nil {
		h.t.Fatal(err)
	}
	taken := h.taken.Load()
	h.start()
	h.check(want)
	h.ready()
	h.check(want)
	if got := h.taken.Load(); got != taken {
		h.t.Errorf("%d records were read again", got-taken)
	}
	n := 0
	it, err := h.db.Iterate(nil, nil, false)
	if err != nil {
		h.t.Fatal(err)
	}
	defer it.Close()
	for it.Next() {
		if strings.Contains(string(it.Key()), "topic rows") {
			n++
		}
	}
	if n != 1 {
		h.t.Errorf("the DB has %d generations of the store, want 1", n)
	}
}

func TestATopicThatWasMadeAgainMeanwhileIsReadAgain(t *testing.T) {
	h := newHouse(t)
	h.produce("a=1", "b=1", "c=1", "d=1")
	h.start()
	h.ready()
	if err := h.stop(); err != nil {
		t.Fatal(err)
	}
	h.make()
	h.produce("a=2", "b=2", "c=2", "d=2", "e=2")
	h.start()
	h.ready()
	h.check("a=2 b=2 c=2 d=2 e=2")
	h.restarted("a=2 b=2 c=2 d=2 e=2")
}

// Records that were deleted before they were read may have deleted keys.
func TestAStoreThatHasMissedRecordsIsReadAgain(t *testing.T) {
	h := newHouse(t)
	h.produce("a=1", "b=1", "c=1", "d=1")
	h.start()
	h.ready()
	if err := h.stop(); err != nil {
		t.Fatal(err)
	}
	h.produce("a", "b", "c", "d", "e=2")
	ends, err := h.adm.ListEndOffsets(t.Context(), "rows")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.adm.DeleteRecords(t.Context(), ends.Offsets()); err != nil {
		t.Fatal(err)
	}
	h.produce("f=2")
	h.start()
	h.ready()
	h.check("f=2")
}

func TestPartitionsThatAreNewAreRead(t *testing.T) {
	h := newHouse(t)
	h.produce("a=1")
	h.start()
	h.ready()
	if _, err := h.adm.CreatePartitions(t.Context(), 2, "rows"); err != nil {
		t.Fatal(err)
	}
	cl := kafkatest.Client(t, h.brokers, kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.MetadataMinAge(10*time.Millisecond))
	for p := range int32(5) {
		r := &kgo.Record{Topic: "rows", Partition: p, Key: fmt.Appendf(nil, "p%d", p), Value: []byte("1"),
			Timestamp: time.UnixMilli(1000)}
		if err := cl.ProduceSync(t.Context(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	h.eventually("a=1 p0=1 p1=1 p2=1 p3=1 p4=1")
	h.restarted("a=1 p0=1 p1=1 p2=1 p3=1 p4=1")
}

func TestARecordThatCannotBeTakenEndsTheApp(t *testing.T) {
	h := newHouse(t)
	h.produce("a=1", "b=bad", "c=1")
	h.start()
	err := <-h.ended
	for _, want := range []string{"global store rows", "record rows-", "it is bad", "errors.dead.letter.queue.topic.name"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

func TestRecordsThatCannotBeTakenBecomeDeadLetters(t *testing.T) {
	h := newHouse(t, kfake.SeedTopics(1, "letters"))
	h.letters = "letters"
	h.produce("a=1", "b=bad", "c=1")
	h.start()
	h.ready()
	h.check("a=1 c=1")
	h.produce("d=bad", "e=1")
	h.eventually("a=1 c=1 e=1")
	var keys []string
	for _, r := range kafkatest.Consume(t, h.brokers, "letters", 2) {
		keys = append(keys, string(r.Key))
		if !slices.ContainsFunc(r.Headers, func(h kgo.RecordHeader) bool {
			return h.Key == "__streams.errors.topic" && string(h.Value) == "rows"
		}) {
			t.Errorf("dead letter %s has the headers %v, want the topic of the record", r.Key, r.Headers)
		}
	}
	if slices.Sort(keys); !slices.Equal(keys, []string{"b", "d"}) {
		t.Errorf("dead letters of %v, want b and d", keys)
	}
	h.restarted("a=1 c=1 e=1")
}

func TestATopicThatIsNotThereIsAnError(t *testing.T) {
	h := newHouse(t)
	if _, err := h.adm.DeleteTopics(t.Context(), "rows"); err != nil {
		t.Fatal(err)
	}
	h.start()
	kafkatest.Eventually(t, "the status says it", func() bool {
		return strings.Contains(h.stores.Status().Problem, "global store rows does not follow topic rows")
	})
	if _, err := h.adm.CreateTopic(t.Context(), 2, 1, nil, "rows"); err != nil {
		t.Fatal(err)
	}
	h.ready()
}
