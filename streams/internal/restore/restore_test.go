package restore_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
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
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/stores/mem"
	"github.com/suiro/suiro/streams/internal/restore"
	"github.com/suiro/suiro/streams/internal/telemetry"
	"github.com/suiro/suiro/streams/topology"
)

// listener writes down what it hears.
type listener struct{ heard []string }

func (l *listener) OnRestoreStart(c restore.TopicPartition, store string, start, end int64) {
	l.heard = append(l.heard, fmt.Sprintf("start %s-%d %s %d-%d", c.Topic, c.Partition, store, start, end))
}

func (l *listener) OnBatchRestored(_ restore.TopicPartition, _ string, last, records int64) {
	l.heard = append(l.heard, fmt.Sprintf("batch %d %d", last, records))
}

func (l *listener) OnRestoreEnd(_ restore.TopicPartition, _ string, records int64) {
	l.heard = append(l.heard, fmt.Sprintf("end %d", records))
}

func (l *listener) OnRestoreSuspended(_ restore.TopicPartition, _ string, records int64) {
	l.heard = append(l.heard, fmt.Sprintf("suspended %d", records))
}

// run restores a key-value store of a changelog with three records, the local state of which
// was away for so long.
func run(t *testing.T, ctx context.Context, db stores.DB, away time.Duration, l restore.Listener) error {
	t.Helper()
	return runOn(t, ctx, changelog(t, 3), db, away, l, slog.New(slog.DiscardHandler))
}

// changelog starts a broker with a changelog of so many records, and returns its address.
func changelog(t *testing.T, records int) (brokers []string) {
	t.Helper()
	brokers = kafkatest.Start(t, kfake.SeedTopics(1, "log")).ListenAddrs()
	write(t, brokers, records)
	return brokers
}

func write(t *testing.T, brokers []string, records int) {
	t.Helper()
	for i := range records {
		kafkatest.Produce(t, brokers, &kgo.Record{Topic: "log", Key: fmt.Appendf(nil, "k%d", i), Value: []byte("v")})
	}
}

// runOn is run with the changelog of a broker.
func runOn(t *testing.T, ctx context.Context, brokers []string, db stores.DB, away time.Duration, l restore.Listener,
	log *slog.Logger) error {
	t.Helper()
	metrics, err := telemetry.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	store := topology.Store{Spec: kinds.Spec{Name: "s", Kind: kinds.KeyValue}}
	var restored, remaining atomic.Int64
	return restore.Run(ctx, restore.Options{Task: "0_0", Stores: []topology.Store{store},
		Logs: []restore.Changelog{{Store: store, Topic: "log"}}, DB: db, Client: []kgo.Opt{kgo.SeedBrokers(brokers...)},
		Admin: kadm.NewClient(kafkatest.Client(t, brokers)), Away: away, Listener: l, Restored: &restored,
		Remaining: &remaining, Metrics: metrics.Task(topology.TaskID{}), Logger: log})
}

func key(k string) []byte { return stores.Key(restore.StatePrefix(0), "s", []byte(k)) }

// local is a DB with a key, and with the first record of the changelog.
func local(t *testing.T) stores.DB {
	t.Helper()
	db := mem.Open()
	var b stores.Batch
	b.Put(key("deleted"), []byte("v"))
	b.Put(restore.OffsetKey("s", 0), binary.BigEndian.AppendUint64(nil, 0))
	if err := db.Apply(&b); err != nil {
		t.Fatal(err)
	}
	return db
}

// A deletion that the changelog does not have any more is not missed by state that comes
// back, however long it was away.
func TestStateThatIsTooOldIsGivenUp(t *testing.T) {
	for _, c := range []struct {
		away  time.Duration
		kept  bool
		heard []string
	}{
		{0, true, []string{"start log-0 s 1-3", "batch 2 2", "end 2"}},
		{23 * time.Hour, true, []string{"start log-0 s 1-3", "batch 2 2", "end 2"}},
		{25 * time.Hour, false, []string{"start log-0 s 0-3", "batch 2 3", "end 3"}},
	} {
		db, l := local(t), &listener{}
		if err := run(t, t.Context(), db, c.away, l); err != nil {
			t.Fatal(err)
		}
		old, err := db.Get(key("deleted"))
		if err != nil || (old != nil) != c.kept {
			t.Errorf("away for %v: the old key is there: %v, %v; want %v", c.away, old != nil, err, c.kept)
		}
		if !slices.Equal(l.heard, c.heard) {
			t.Errorf("away for %v: heard %q, want %q", c.away, l.heard, c.heard)
		}
	}
}

func TestListenersHearOfASuspension(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	l := &cancelling{cancel: cancel}
	if err := run(t, ctx, local(t), 0, l); err == nil {
		t.Error("the restoring ended without an error, although its task has gone")
	}
	if want := []string{"start log-0 s 1-3", "suspended 0"}; !slices.Equal(l.heard, want) {
		t.Errorf("heard %q, want %q", l.heard, want)
	}
}

// cancelling ends the task at the start.
type cancelling struct {
	listener
	cancel context.CancelFunc
}

func (l *cancelling) OnRestoreStart(c restore.TopicPartition, store string, start, end int64) {
	l.listener.OnRestoreStart(c, store, start, end)
	l.cancel()
}

// A changelog that was made again while the app was down, and is longer than before, is another
// one: what the local state has of the former one is not its beginning.
func TestStateOfAnotherTopicIsGivenUp(t *testing.T) {
	for name, tt := range map[string]struct {
		records int // of the topic that is made again; 0 leaves it as it is
		heard   []string
		lost    bool
		fails   string
	}{
		"the same topic":                  {0, []string{"start log-0 s 3-3", "end 0"}, false, ""},
		"made again, and longer":          {5, []string{"start log-0 s 0-5", "batch 4 5", "end 5"}, true, ""},
		"made again, and longer by none":  {3, []string{"start log-0 s 0-3", "batch 2 3", "end 3"}, true, ""},
		"made again, and not so long yet": {2, nil, false, "the topic was deleted and made again"},
	} {
		t.Run(name, func(t *testing.T) {
			brokers, db := changelog(t, 3), mem.Open()
			if err := runOn(t, t.Context(), brokers, db, 0, nil, slog.New(slog.DiscardHandler)); err != nil {
				t.Fatal(err)
			}
			var b stores.Batch
			b.Put(key("former"), []byte("v"))
			if err := db.Apply(&b); err != nil {
				t.Fatal(err)
			}
			if tt.records > 0 {
				adm := kadm.NewClient(kafkatest.Client(t, brokers))
				if _, err := adm.DeleteTopics(t.Context(), "log"); err != nil {
					t.Fatal(err)
				}
				if _, err := adm.CreateTopic(t.Context(), 1, 1, nil, "log"); err != nil {
					t.Fatal(err)
				}
				write(t, brokers, tt.records)
			}
			var told bytes.Buffer
			for range 2 { // the second time it is the topic that is known
				l := &listener{}
				err := runOn(t, t.Context(), brokers, db, 0, l, slog.New(slog.NewTextHandler(&told, nil)))
				if (err != nil) != (tt.fails != "") || err != nil && !strings.Contains(err.Error(), tt.fails) {
					t.Fatalf("restore = %v, want an error that says %q", err, tt.fails)
				}
				if !slices.Equal(l.heard, tt.heard) {
					t.Errorf("heard %q, want %q", l.heard, tt.heard)
				}
				if tt.lost {
					tt.heard = []string{fmt.Sprintf("start log-0 s %d-%[1]d", tt.records), "end 0"}
				}
			}
			former, err := db.Get(key("former"))
			if err != nil || (former == nil) != tt.lost {
				t.Errorf("a key of the former topic is gone: %v, %v; want %v", former == nil, err, tt.lost)
			}
			if got := strings.Count(told.String(), "was deleted and made again"); (got == 1) != tt.lost {
				t.Errorf("it is told %d times: %s", got, &told)
			}
		})
	}
}

// pacing is a DB that counts the batches that can wait, and those that cannot.
type pacing struct {
	stores.DB
	batches, others int
}

func (p *pacing) ApplyPaced(b *stores.Batch) error {
	p.batches++
	return p.DB.Apply(b)
}

func (p *pacing) Apply(b *stores.Batch) error {
	p.others++
	return p.DB.Apply(b)
}

// Tasks that stay write to the same DB: the batches of a restore let theirs pass.
func TestARestoreLetsOthersWriteFirst(t *testing.T) {
	db := &pacing{DB: local(t)}
	if err := run(t, t.Context(), db, 0, nil); err != nil {
		t.Fatal(err)
	}
	if got, err := db.Get(key("k2")); err != nil || string(got) != "v" || db.batches == 0 || db.others > 0 {
		t.Errorf("%d batches could wait and %d could not, and the last key has %q, %v; want that all could, and v",
			db.batches, db.others, got, err)
	}
}
