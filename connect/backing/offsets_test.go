package backing

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/backing/internal/ownfile"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

var (
	logA = map[string]any{"filename": "/var/log/a & b"}
	logB = map[string]any{"filename": "b", "part": 2}
)

// kept is a kind of store that can be opened again on the same state.
type kept struct {
	name   string
	reopen func(t *testing.T) OffsetStore
}

func stores(t *testing.T) []kept {
	path := filepath.Join(t.TempDir(), "offsets.json")
	cluster := kafkatest.Start(t)
	return []kept{
		{"file", func(t *testing.T) OffsetStore {
			s, err := OpenFile(path)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}},
		{"topic", func(t *testing.T) OffsetStore { return openTopic(t, cluster) }},
	}
}

func openTopic(t *testing.T, c *kfake.Cluster) *Topic {
	t.Helper()
	s, err := OpenTopic(t.Context(), "connect-offsets", &TopicOptions{Partitions: 5, ReplicationFactor: 1},
		kgo.SeedBrokers(c.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestStoresKeepOffsetsOverARestart(t *testing.T) {
	for _, k := range stores(t) {
		t.Run(k.name, func(t *testing.T) {
			s := k.reopen(t)
			put(t, s, "src", Entry{logA, map[string]any{"position": 12}}, Entry{logB, map[string]any{"lsn": int64(1)<<62 + 1}})
			put(t, s, "src", Entry{logA, map[string]any{"position": 790, "eof": true}})
			put(t, s, "other", Entry{logA, map[string]any{"position": 1}})
			put(t, s, "gone", Entry{logA, map[string]any{"position": 1}})
			put(t, s, "gone", Entry{logA, nil})
			for _, name := range []string{"same", "reopened"} {
				want(t, name, s, "src", logA, map[string]any{"position": int64(790), "eof": true})
				want(t, name, s, "src", logB, map[string]any{"lsn": int64(1)<<62 + 1})
				want(t, name, s, "other", logA, map[string]any{"position": int64(1)})
				want(t, name, s, "gone", logA, nil)
				want(t, name, s, "src", map[string]any{"filename": "c"}, nil)
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				s = k.reopen(t)
			}
		})
	}
}

func put(t *testing.T, s OffsetStore, connector string, entries ...Entry) {
	t.Helper()
	if err := s.Put(t.Context(), connector, entries); err != nil {
		t.Fatalf("Put: %v", err)
	}
}

func want(t *testing.T, name string, s OffsetStore, connector string, partition, want map[string]any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := s.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	got, err := s.Get(connector, partition)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%s: Get(%s, %v) = %v, %v, want %v", name, connector, partition, got, err, want)
	}
}

// fullFile is a file on a full disk: it takes some bytes and refuses the rest.
type fullFile struct{ *os.File }

func (f fullFile) Write(p []byte) (int, error) {
	n, err := f.File.Write(p[:len(p)/2])
	if err == nil {
		err = syscall.ENOSPC
	}
	return n, err
}

func TestFileKeepsTheOldContentOnAFullDisk(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "offsets.json")
	s, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, "src", Entry{logA, map[string]any{"position": 1}})
	create := s.file.Create
	s.file.Create = func(dir, pattern string) (ownfile.Temp, error) {
		f, err := os.CreateTemp(dir, pattern)
		return fullFile{f}, err
	}
	err = s.Put(t.Context(), "src", []Entry{{logA, map[string]any{"position": 2}}})
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), path) {
		t.Errorf("Put on a full disk = %v, want ENOSPC naming %s", err, path)
	}
	want(t, "after the failure", s, "src", logA, map[string]any{"position": int64(1)})
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	again := &File{path: path}
	if again.m, err = decodeFile(text); err != nil {
		t.Fatal(err)
	}
	want(t, "read again", again, "src", logA, map[string]any{"position": int64(1)})
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 2 {
		t.Errorf("left in the folder: %q, want the offset file and its lock only", left)
	}
	s.file.Create = create
	put(t, s, "src", Entry{logA, map[string]any{"position": 3}})
}

func TestTopicGoesOnWithTheKeysOfAJavaWorker(t *testing.T) {
	cluster := kafkatest.Start(t)
	s := openTopic(t, cluster)
	javaKey := []byte(`["src",{"part":2,"filename":"b"}]`)
	kafkatest.Produce(t, cluster.ListenAddrs(), &kgo.Record{Topic: "connect-offsets", Key: javaKey, Value: []byte(`{"position":5}`)})
	want(t, "java's", s, "src", logB, map[string]any{"position": int64(5)})
	records, err := s.Records("src", []Entry{{logB, map[string]any{"position": 6}}})
	if err != nil || string(records[0].Key) != string(javaKey) || string(records[0].Value) != `{"position":6}` {
		t.Errorf("Records = %s: %s, %v, want the key as it was read", records[0].Key, records[0].Value, err)
	}
}

// A worker that escapes characters in another way has written another key for the same
// partition. Both are there after compaction, in partitions that have no order.
func TestTopicForgetsAPartitionByAllItsKeys(t *testing.T) {
	cluster := kafkatest.Start(t)
	s := openTopic(t, cluster)
	for _, key := range []string{`["src",{"filename":"\uD83D\uDE00"}]`, `["src",{"filename":"😀"}]`, `["src",{"filename":"\uD83D\uDE00"}]`} {
		kafkatest.Produce(t, cluster.ListenAddrs(), &kgo.Record{Topic: "connect-offsets", Key: []byte(key), Value: []byte(`{"position":5}`)})
	}
	smile := map[string]any{"filename": "😀"}
	want(t, "both", s, "src", smile, map[string]any{"position": int64(5)})
	put(t, s, "src", Entry{smile, map[string]any{"position": 6}})
	put(t, s, "src", Entry{Partition: smile})
	var got []string
	for _, r := range kafkatest.Consume(t, cluster.ListenAddrs(), "connect-offsets", 6) {
		if string(r.Value) != `{"position":5}` {
			got = append(got, string(r.Key)+string(r.Value))
		}
	}
	slices.Sort(got)
	if want := []string{`["src",{"filename":"\uD83D\uDE00"}]`, `["src",{"filename":"\uD83D\uDE00"}]{"position":6}`, `["src",{"filename":"😀"}]`}; !slices.Equal(got, want) {
		t.Errorf("written = %q, want %q", got, want)
	}
}

func TestTopicDoesNotSeeAbortedOffsets(t *testing.T) {
	cluster := kafkatest.Start(t)
	s := openTopic(t, cluster)
	put(t, s, "src", Entry{logA, map[string]any{"position": 1}})
	cl := kafkatest.Client(t, cluster.ListenAddrs(), kgo.TransactionalID("group-src-0"))
	for _, commit := range []kgo.TransactionEndTry{kgo.TryAbort, kgo.TryCommit} {
		position := map[kgo.TransactionEndTry]int{kgo.TryAbort: 99, kgo.TryCommit: 2}[commit]
		if err := cl.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		records, err := s.Records("src", []Entry{{logA, map[string]any{"position": position}}})
		if err != nil {
			t.Fatal(err)
		}
		if err := cl.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if err := cl.EndTransaction(t.Context(), commit); err != nil {
			t.Fatal(err)
		}
		expect := map[kgo.TransactionEndTry]int64{kgo.TryAbort: 1, kgo.TryCommit: 2}[commit]
		want(t, "after the transaction", s, "src", logA, map[string]any{"position": expect})
	}
}

// Kafka Connect refuses such a topic too: the broker would delete offsets that
// are still needed.
func TestOpenTopicRefusesATopicThatIsNotCompacted(t *testing.T) {
	cluster := kafkatest.Start(t, kfake.SeedTopics(1, "connect-offsets"))
	_, err := OpenTopic(t.Context(), "connect-offsets", nil, kgo.SeedBrokers(cluster.ListenAddrs()...))
	for _, want := range []string{"offset.storage.topic", "topic connect-offsets", "cleanup.policy is delete", "set it to compact"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("OpenTopic = %v, want an error with %q", err, want)
		}
	}
}

func TestOpenTopicSaysWhichKeyMakesTooManyReplicas(t *testing.T) {
	cluster := kafkatest.Start(t)
	_, err := OpenTopic(t.Context(), "connect-offsets", nil, kgo.SeedBrokers(cluster.ListenAddrs()...))
	if want := "set offset.storage.replication.factor"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("OpenTopic with three replicas on one broker = %v, want an error with %q", err, want)
	}
}

// What is not a source offset belongs to somebody else, or is damaged. A source
// whose offset it was begins again, so it is not left alone in silence.
func TestTopicWarnsOfRecordsThatAreNotSourceOffsets(t *testing.T) {
	cluster := kafkatest.Start(t)
	var log bytes.Buffer
	s, err := OpenTopic(t.Context(), "connect-offsets", &TopicOptions{Partitions: 1, ReplicationFactor: 1,
		Logger: slog.New(slog.NewTextHandler(&log, nil))}, kgo.SeedBrokers(cluster.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	key := []byte(`["src",{"filename":"b","part":2}]`)
	huge := []byte(`{"position":"` + strings.Repeat("x", MaxPosition) + `"}`)
	for _, r := range []*kgo.Record{{Key: key, Value: []byte(`{"position":5}`)}, {Key: key, Value: []byte(`{"position":1e999}`)},
		{Key: key, Value: huge}, {Key: key, Value: []byte(`{"position":`)}, {Key: []byte("session-key"), Value: []byte("x")},
		{Key: []byte(`["src"]`)}, {Key: []byte(`["src",` + string(huge) + `]`), Value: []byte("{}")}} {
		r.Topic = "connect-offsets"
		kafkatest.Produce(t, cluster.ListenAddrs(), r)
	}
	want(t, "among others", s, "src", logB, map[string]any{"position": int64(5)})
	want(t, "a second time", s, "src", logB, map[string]any{"position": int64(5)})
	line := log.String()
	for _, want := range []string{"records=6", "first=connect-offsets-0@1", "the number 1e999 is too large"} {
		if strings.Count(line, want) != 1 {
			t.Errorf("log = %s, want one line with %s", line, want)
		}
	}
}

func TestPositionsThatAreTooLargeAreRefused(t *testing.T) {
	huge := map[string]any{"filename": strings.Repeat("x", 10<<20)}
	for _, k := range stores(t) {
		s := k.reopen(t)
		for name, entries := range map[string][]Entry{"source partition": {{huge, logA}}, "source offset": {{logA, huge}}} {
			err := s.Put(t.Context(), "src", entries)
			if !errors.Is(err, ErrTooLarge) || len(err.Error()) > 1000 || !strings.Contains(err.Error(), name+" of connector src has 10485") {
				t.Errorf("%s: Put of a %s of 10 MiB = %.300v, want ErrTooLarge that names it", k.name, name, err)
			}
		}
		want(t, k.name, s, "src", logA, nil)
	}
}
