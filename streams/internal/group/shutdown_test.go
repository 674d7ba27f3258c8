package group

import (
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// heard is what became of a rebalance of three members.
type heard struct {
	told       []string
	partitions map[string]int
}

// rebalance lets members join, of which some ask, and gives out the partitions.
func rebalance(t *testing.T, inner kgo.GroupBalancer, asks ...string) heard {
	t.Helper()
	var members []kmsg.JoinGroupResponseMember
	for _, id := range []string{"a", "b", "c"} {
		own := Shutdown{GroupBalancer: inner, Ask: slices.Contains(asks, id)}
		members = append(members, kmsg.JoinGroupResponseMember{MemberID: id,
			ProtocolMetadata: own.JoinGroupMetadata([]string{"in", "more"}, nil, -1)})
	}
	h := heard{partitions: map[string]int{}}
	balancer, topics, err := Shutdown{GroupBalancer: inner}.MemberBalancer(members)
	if err != nil || len(topics) != 2 {
		t.Fatalf("the members read %v, %v, want two topics", topics, err)
	}
	plan, err := balance(balancer, map[string]int32{"in": 6, "more": 6})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range plan.IntoSyncAssignment() {
		member := Shutdown{GroupBalancer: inner, Told: func() { h.told = append(h.told, p.MemberID) }}
		given, err := member.ParseSyncAssignment(p.MemberAssignment)
		if err != nil {
			t.Fatal(err)
		}
		for _, partitions := range given {
			h.partitions[p.MemberID] += len(partitions)
		}
	}
	slices.Sort(h.told)
	return h
}

// When a member asks all are told, itself included, and it gets no partition, as it
// processes none. Otherwise nobody is told anything.
func TestAllMembersAreToldToStop(t *testing.T) {
	grouped := Balancer{GroupBalancer: kgo.CooperativeStickyBalancer(), Sub: func(string) (int, bool) { return 0, true }}
	for name, inner := range map[string]kgo.GroupBalancer{"plain": kgo.CooperativeStickyBalancer(), "grouped": grouped} {
		h := rebalance(t, inner)
		if len(h.told) > 0 || h.partitions["a"]+h.partitions["b"]+h.partitions["c"] != 12 {
			t.Errorf("%s: without a question %v were told, with the partitions %v", name, h.told, h.partitions)
		}
		h = rebalance(t, inner, "b")
		if !slices.Equal(h.told, []string{"a", "b", "c"}) || h.partitions["b"] != 0 ||
			h.partitions["a"]+h.partitions["c"] != 12 {
			t.Errorf("%s: b asks, and %v were told, with the partitions %v; want all, and none for b", name, h.told, h.partitions)
		}
	}
}

// Whatever a member sends, it is told to stop by the end of the data alone.
func FuzzShutdown(f *testing.F) {
	f.Add([]byte{})
	f.Add(stopMark())
	f.Add([]byte("error\x00\x00\x00\x05"))
	f.Fuzz(func(t *testing.T, data []byte) {
		told := false
		s := Shutdown{GroupBalancer: kgo.CooperativeStickyBalancer(), Told: func() { told = true }}
		if _, err := s.ParseSyncAssignment(data); err != nil && told {
			t.Errorf("told to stop by %q, which is no assignment", data)
		}
		_, _, _ = s.MemberBalancer([]kmsg.JoinGroupResponseMember{{MemberID: "a", ProtocolMetadata: data}})
	})
}
