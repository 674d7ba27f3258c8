package reset_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/streams/internal/reset"
)

// at is the timestamp of the n-th record of each partition.
func at(n int) time.Time { return time.UnixMilli(1_700_000_000_000 + int64(n)*1000) }

// stage is a cluster where the app "shop" has read 4 of 6 records of one partition, and
// none of the other.
func stage(t *testing.T) (*kgo.Client, *kadm.Client, []string) {
	t.Helper()
	brokers := kafkatest.Start(t).ListenAddrs()
	cl := kafkatest.Client(t, brokers)
	adm := kadm.NewClient(cl)
	for topic, partitions := range map[string]int32{"orders": 2, "shop-counts-changelog": 1, "shop-old-repartition": 1,
		"shop-of-others": 1} {
		if _, err := adm.CreateTopic(t.Context(), partitions, 1, nil, topic); err != nil {
			t.Fatal(err)
		}
	}
	manual := kafkatest.Client(t, brokers, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	for n := range 6 {
		for p := range int32(2) {
			r := &kgo.Record{Topic: "orders", Partition: p, Value: []byte("v"), Timestamp: at(n)}
			if err := manual.ProduceSync(t.Context(), r).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
	}
	commit(t, adm, "orders", 0, 4)
	return cl, adm, brokers
}

func commit(t *testing.T, adm *kadm.Client, topic string, partition int32, offset int64) {
	t.Helper()
	var o kadm.Offsets
	o.Add(kadm.Offset{Topic: topic, Partition: partition, At: offset, LeaderEpoch: -1, Metadata: "time"})
	if err := adm.CommitAllOffsets(t.Context(), "shop", o); err != nil {
		t.Fatal(err)
	}
}

// committed returns the offsets and their metadata of the partitions of orders.
func committed(t *testing.T, adm *kadm.Client) string {
	t.Helper()
	all, err := adm.FetchOffsets(t.Context(), "shop")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for p := range int32(2) {
		o, ok := all.Lookup("orders", p)
		if !ok {
			out = append(out, "-")
			continue
		}
		out = append(out, strings.TrimSpace(fmt.Sprint(o.At, " ", o.Metadata)))
	}
	return strings.Join(out, ", ")
}

func TestOffsetsAreMoved(t *testing.T) {
	cl, adm, _ := stage(t)
	for name, c := range map[string]struct {
		to   reset.Position
		want string
	}{
		"beginning":              {reset.Earliest(), "0, 0"},
		"end":                    {reset.Latest(), "6, 6"},
		"a time":                 {reset.At(at(3)), "3, 3"},
		"a time between records": {reset.At(at(3).Add(-time.Millisecond)), "3, 3"},
		"a time behind all":      {reset.At(at(9)), "6, 6"},
		"an offset":              {reset.Offset(5), "5, 5"},
		"an offset behind all":   {reset.Offset(99), "6, 6"},
		"on":                     {reset.Shift(1), "5, 1"},
		"back":                   {reset.Shift(-3), "1, 0"},
		"back before all":        {reset.Shift(-99), "0, 0"},
	} {
		if _, err := adm.DeleteGroups(t.Context(), "shop"); err != nil {
			t.Fatal(err)
		}
		commit(t, adm, "orders", 0, 4)
		_, err := reset.Run(t.Context(), cl, reset.Options{Group: "shop", Inputs: []string{"orders"}, To: c.to})
		if got := committed(t, adm); err != nil || got != c.want {
			t.Errorf("%s: offsets %s, %v, want %s", name, got, err, c.want)
		}
	}
}

func TestInternalTopicsGoAndOthersStay(t *testing.T) {
	cl, _, brokers := stage(t)
	o := reset.Options{Group: "shop", Inputs: []string{"orders"},
		Internal: []string{"shop-counts-changelog", "shop-missing-changelog"}, DryRun: true}
	want := "[{orders 0 4 0} {orders 1 -1 0}] [shop-counts-changelog] [shop-old-repartition]"
	for _, dry := range []bool{true, false} {
		o.DryRun = dry
		r, err := reset.Run(t.Context(), cl, o)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(r.Moves, r.Deleted, r.Others); got != want {
			t.Errorf("dry run %v: %s, want %s", dry, got, want)
		}
		fresh := kadm.NewClient(kafkatest.Client(t, brokers)) // a client remembers topics for a while
		topics, err := fresh.ListTopics(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		left := []string{"orders", "shop-of-others", "shop-old-repartition"}
		if dry {
			left = append(left, "shop-counts-changelog")
		}
		slices.Sort(left)
		if got := topics.Names(); !slices.Equal(got, left) {
			t.Errorf("dry run %v: topics %v are left, want %v", dry, got, left)
		}
	}
}

func TestAnAppThatRunsIsNotReset(t *testing.T) {
	cl, adm, brokers := stage(t)
	member := kafkatest.Client(t, brokers, kgo.ConsumerGroup("shop"), kgo.ConsumeTopics("orders"),
		kgo.InstanceID("shop-1"), kgo.DisableAutoCommit())
	kafkatest.Eventually(t, "the member to join", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		member.PollFetches(ctx)
		groups, err := adm.DescribeGroups(t.Context(), "shop")
		return err == nil && groups["shop"].State == "Stable"
	})
	o := reset.Options{Group: "shop", Inputs: []string{"orders"}}
	_, err := reset.Run(t.Context(), cl, o)
	for _, want := range []string{"reset shop", "shop-1", "stop all instances"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	if got, want := committed(t, adm), "4 time, -"; got != want {
		t.Errorf("offsets %s, want %s: the app runs", got, want)
	}
	member.CloseAllowingRebalance() // a static member stays until its session times out
	o.Force = true
	if _, err := reset.Run(t.Context(), cl, o); err != nil {
		t.Fatal(err)
	}
	if got, want := committed(t, adm), "0, 0"; got != want {
		t.Errorf("offsets %s, want %s", got, want)
	}
}

func TestInputsThatDoNotExistAreNamed(t *testing.T) {
	cl, _, _ := stage(t)
	_, err := reset.Run(t.Context(), cl, reset.Options{Group: "shop", Inputs: []string{"oders"}})
	if err == nil || !strings.Contains(err.Error(), "input topic oders does not exist") {
		t.Errorf("error %v, want one that names the topic", err)
	}
}

func TestAnAppThatNeverRanIsReset(t *testing.T) {
	cl, _, _ := stage(t)
	r, err := reset.Run(t.Context(), cl, reset.Options{Group: "other", Inputs: []string{"orders"}})
	if err != nil || len(r.Moves) != 2 {
		t.Errorf("%v, %v, want the offsets of two partitions", r, err)
	}
}
