package verify_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/kill/verify"
)

// topic makes a topic of three partitions and returns options to reach it.
func topic(t *testing.T) []kgo.Opt {
	t.Helper()
	_, opts := broker(t)
	return opts
}

// broker makes the same topic, and returns the broker too.
func broker(t *testing.T) (*kfake.Cluster, []kgo.Opt) {
	t.Helper()
	c := kafkatest.Start(t, kfake.SeedTopics(3, "t"))
	return c, []kgo.Opt{kgo.SeedBrokers(c.ListenAddrs()...)}
}

// write writes ids in one transaction and ends it.
func write(t *testing.T, opts []kgo.Opt, end kgo.TransactionEndTry, ids ...int) {
	t.Helper()
	cl, err := kgo.NewClient(append(slices.Clone(opts), kgo.DefaultProduceTopic("t"), kgo.TransactionalID("writer"))...)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	if err := cl.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		r := &kgo.Record{Key: fmt.Append(nil, id), Value: fmt.Appendf(nil, `{"a":1,"id":"%d"}`, id)}
		if err := cl.ProduceSync(t.Context(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	if err := cl.EndTransaction(t.Context(), end); err != nil {
		t.Fatal(err)
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name               string
		committed, aborted []int
		atLeastOnce        bool
		want               string // in the error, "" for none
		offender           string
	}{
		{name: "all there, once", committed: []int{3, 1, 0, 2, 4}},
		{name: "aborted ones do not count", committed: []int{0, 1, 2, 3, 4}, aborted: []int{1, 2, 2}},
		{name: "an aborted one is missing", committed: []int{0, 1, 2, 3}, aborted: []int{4},
			want: "1 missing, 0 duplicates", offender: "id 4 is missing"},
		{name: "one missing", committed: []int{0, 1, 3, 4}, want: "1 missing, 0 duplicates", offender: "id 2 is missing"},
		{name: "one twice", committed: []int{0, 1, 2, 3, 4, 2}, want: "0 missing, 1 duplicates", offender: "has id 2, which is at ["},
		{name: "one twice is allowed", committed: []int{0, 1, 2, 3, 4, 2}, atLeastOnce: true},
		{name: "one missing never is", committed: []int{0, 1, 1, 3, 4}, atLeastOnce: true, want: "1 missing, 1 duplicates", offender: "id 2 is missing"},
		{name: "one too many", committed: []int{0, 1, 2, 3, 4, 5}, want: "1 foreign", offender: "has id 5, which was " +
			"never written"},
		{name: "nothing", want: "5 missing", offender: "id 0 is missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			opts := topic(t)
			write(t, opts, kgo.TryCommit, c.committed...)
			write(t, opts, kgo.TryAbort, c.aborted...)
			id, err := verify.IDOf("json", "id")
			if err != nil {
				t.Fatal(err)
			}
			r, err := verify.Check{Topic: "t", Records: 5, ID: id, AtLeastOnce: c.atLeastOnce}.Run(t.Context(), opts)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := r.Uncommitted, int64(len(c.aborted)); got != want {
				t.Errorf("%d aborted records, want %d", got, want)
			}
			switch err := r.Err(); {
			case c.want == "" && err != nil:
				t.Errorf("Err = %v, want none", err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("Err = %v, want %q in it", err, c.want)
			}
			if got := strings.Join(r.Offenders, "; "); !strings.Contains(got, c.offender) || c.offender == "" && got != "" {
				t.Errorf("offenders %q, want %q", got, c.offender)
			}
		})
	}
}

func TestEndsWaitForOpenTransactions(t *testing.T) {
	kafka, opts := broker(t)
	cl, err := kgo.NewClient(append(slices.Clone(opts), kgo.DefaultProduceTopic("t"), kgo.TransactionalID("open"))...)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	if err := cl.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	if err := cl.ProduceSync(t.Context(), &kgo.Record{Value: []byte("id:0")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	id, err := verify.IDOf("ltsv", "id")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	asked := 0
	kafka.ControlKey(int16(kmsg.ListOffsets), func(kmsg.Request) (kmsg.Response, error, bool) {
		kafka.KeepControl()
		if asked++; asked == 4 { // the first of the second round
			cancel()
		}
		return nil, nil, false
	})
	check := verify.Check{Topic: "t", Records: 1, ID: id}
	if r, err := check.Run(ctx, opts); err == nil || !strings.Contains(err.Error(), "a transaction is open") {
		t.Fatalf("Run with an open transaction = %v, %v, want to hear of it", r, err)
	}
	if err := cl.EndTransaction(t.Context(), kgo.TryCommit); err != nil {
		t.Fatal(err)
	}
	r, err := check.Run(t.Context(), opts)
	if err != nil || r.Err() != nil {
		t.Errorf("Run after its end: %v, %v", err, r.Err())
	}
}

func TestIDOf(t *testing.T) {
	for _, c := range []struct {
		format, value string
		want          int64
		bad           bool
	}{
		{"json", `{"id":12}`, 12, false}, {"json", `{"id":"12","x":{"id":1}}`, 12, false},
		{"json", `{"x":{"id":1}}`, 0, true}, {"json", `{"id":`, 0, true}, {"json", `{"id":null}`, 0, true},
		{"ltsv", "a:1\tid:12", 12, false}, {"ltsv", "id:12\ta:1\r\n", 12, false},
		{"ltsv", "xid:12", 0, true}, {"ltsv", "id:", 0, true},
	} {
		id, err := verify.IDOf(c.format, "id")
		if err != nil {
			t.Fatal(err)
		}
		got, err := id([]byte(c.value))
		if (err != nil) != c.bad || !c.bad && got != c.want {
			t.Errorf("id of %s %q = %d, %v, want %d, error %v", c.format, c.value, got, err, c.want, c.bad)
		}
	}
	if _, err := verify.IDOf("avro", "id"); err == nil {
		t.Error("IDOf takes a format that is none")
	}
}
