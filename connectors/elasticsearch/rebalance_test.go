package elasticsearch

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
)

// member is one of two tasks that share the partitions of a topic.
type member struct {
	sink *connecttest.Sink
	next map[connect.TopicPartition]int64 // of the partitions it owns
}

// TestPartitionsMoveUnderFaults moves partitions between two tasks at random,
// lost or not, while the cluster fails at random. Each task goes on from what
// was committed. In the end every key has its last value.
func TestPartitionsMoveUnderFaults(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 3))
	f := newFakeES(t)
	f.onBulk = randomFaults(rand.New(rand.NewPCG(seed, 4)))
	const perPartition, partitions = 400, 3
	members := [2]member{newMember(t, f), newMember(t, f)}
	committed := connect.Offsets{}
	owner := map[connect.TopicPartition]int{}
	var tps []connect.TopicPartition
	for i := range int32(partitions) {
		tp := connect.TopicPartition{Topic: "Access", Partition: i}
		tps = append(tps, tp)
		members[0].gain(tp, 0)
	}
	for done := 0; done < partitions; {
		tp := tps[rnd.IntN(partitions)]
		if rnd.IntN(25) == 0 {
			lost := rnd.IntN(2) == 0
			from, to := owner[tp], 1-owner[tp]
			members[from].lose(tp, lost, committed)
			members[to].gain(tp, committed[tp])
			owner[tp] = to
			continue
		}
		m := members[owner[tp]]
		for range 20 {
			if o := m.next[tp]; o < perPartition {
				m.sink.Put(keyed(tp, o, moveKey(tp, o), fmt.Sprintf(`{"n":%d}`, o)))
				m.next[tp]++
			}
		}
		done = 0
		for _, tp := range tps {
			m := members[owner[tp]]
			committed[tp] = max(committed[tp], ownCommit(m, tp))
			if committed[tp] == perPartition {
				done++
			}
		}
	}
	checkLastValues(t, f, tps, perPartition)
}

func newMember(t *testing.T, f *fakeES) member {
	props := quickly(f.server.URL, "key.ignore", "false", "batch.size", "30")
	s := connecttest.StartSink(t, Plugin().Info, &SinkTask{}, props)
	return member{s, map[connect.TopicPartition]int64{}}
}

func (m member) gain(tp connect.TopicPartition, from int64) {
	m.sink.Open(tp)
	m.next[tp] = from
}

func (m member) lose(tp connect.TopicPartition, lost bool, committed connect.Offsets) {
	if !lost {
		committed[tp] = max(committed[tp], ownCommit(m, tp))
	}
	m.sink.Close(lost, tp)
	delete(m.next, tp)
}

// ownCommit asks a member what is safe of a partition it owns now.
func ownCommit(m member, tp connect.TopicPartition) int64 {
	got, err := m.sink.Task.PreCommit(context.Background(), connect.Offsets{tp: m.next[tp]})
	if err != nil {
		return 0
	}
	return got[tp]
}

// moveKey makes keys that repeat within a partition and no other.
func moveKey(tp connect.TopicPartition, offset int64) string {
	return fmt.Sprintf("%d-%d", tp.Partition, offset%17)
}

func randomFaults(rnd *rand.Rand) func(int, []fakeOp) *fault {
	return func(int, []fakeOp) *fault {
		switch rnd.IntN(6) {
		case 0:
			return &fault{status: 503}
		case 1:
			return &fault{drop: true, apply: true}
		}
		return nil
	}
}

func checkLastValues(t *testing.T, f *fakeES, tps []connect.TopicPartition, n int64) {
	t.Helper()
	got := f.live("access")
	for _, tp := range tps {
		for o := n - 17; o < n; o++ {
			if want := fmt.Sprintf(`{"n":%d}`, o); got[moveKey(tp, o)] != want {
				t.Errorf("%s = %s, want %s", moveKey(tp, o), got[moveKey(tp, o)], want)
			}
		}
	}
	if want := 17 * len(tps); len(got) != want {
		t.Errorf("%d documents, want %d", len(got), want)
	}
}
