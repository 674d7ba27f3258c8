package group_test

import (
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/suiro/suiro/streams/internal/group"
)

// member is the metadata of a member that reads topics and owns partition 0 of each.
func member(topics ...string) []byte {
	m := kmsg.NewConsumerMemberMetadata()
	m.Version, m.Topics = 3, topics
	for _, topic := range topics {
		o := kmsg.NewConsumerMemberMetadataOwnedPartition()
		o.Topic, o.Partitions = topic, []int32{0}
		m.OwnedPartitions = append(m.OwnedPartitions, o)
	}
	return m.AppendTo(nil)
}

// balanced is who gets which topics, of members with this metadata.
func balanced(balancer group.Balancer, topics map[string]int32, metadata ...[]byte) (map[string][]string, error) {
	var members []kmsg.JoinGroupResponseMember
	for i, data := range metadata {
		m := kmsg.NewJoinGroupResponseMember()
		m.MemberID, m.ProtocolMetadata = string(rune('a'+i)), data
		members = append(members, m)
	}
	b, _, err := balancer.MemberBalancer(members)
	if err != nil {
		return nil, err
	}
	plan, err := b.(kgo.GroupMemberBalancerOrError).BalanceOrError(topics)
	if err != nil {
		return nil, err
	}
	got := map[string][]string{}
	for _, given := range plan.IntoSyncAssignment() {
		var a kmsg.ConsumerMemberAssignment
		if err := a.ReadFrom(given.MemberAssignment); err != nil {
			return nil, err
		}
		for _, topic := range a.Topics {
			for range topic.Partitions {
				got[given.MemberID] = append(got[given.MemberID], topic.Topic)
			}
		}
	}
	return got, nil
}

func newBalancer() group.Balancer {
	sources := group.NewSources(map[string]int{"left": 0, "right": 0, "other": 1})
	return group.Balancer{GroupBalancer: kgo.CooperativeStickyBalancer(), Sub: sources.Sub}
}

// The partitions of a task go to one member, whoever had them.
func TestMembersGetWholeTasks(t *testing.T) {
	got, err := balanced(newBalancer(), map[string]int32{"left": 1, "right": 1, "other": 1},
		member("left", "right", "other"), member("left", "right", "other"))
	if err != nil {
		t.Fatal(err)
	}
	for id, topics := range got {
		if slices.Contains(topics, "left") != slices.Contains(topics, "right") {
			t.Errorf("member %s gets %v, want both topics of the task or none", id, topics)
		}
	}
}

// FuzzMemberMetadata checks that a member of the group, which may be any program, cannot
// bring down the one that balances.
func FuzzMemberMetadata(f *testing.F) {
	f.Add(member())
	f.Add(member("left", "other"))
	f.Add(member("unknown"))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _ = balanced(newBalancer(), map[string]int32{"left": 4, "right": 3, "other": 1}, member("left", "right", "other"), data)
	})
}
