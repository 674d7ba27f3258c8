package group

import (
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Balancer gives out tasks and not partitions: all partitions of a task go to one member.
// To do so it shows the sticky balancer one topic for each subtopology, with as many
// partitions as the subtopology has tasks. What members send each other is in the form of
// the protocol, with the topics that there are.
type Balancer struct {
	// GroupBalancer is the one that is shown tasks.
	kgo.GroupBalancer
	// Sub returns the subtopology that reads a topic.
	Sub func(topic string) (int, bool)
}

// standIn is the name of the topic that stands for a subtopology. No topic has a slash.
func (b Balancer) standIn(topic string) string {
	if id, ok := b.Sub(topic); ok {
		return fmt.Sprintf("/%d", id)
	}
	return topic // of another version of the app
}

// MemberBalancer implements kgo.GroupBalancer.
func (b Balancer) MemberBalancer(members []kmsg.JoinGroupResponseMember) (
	kgo.GroupMemberBalancer, map[string]struct{}, error) {
	topics := map[string]struct{}{}
	shown := slices.Clone(members)
	for i := range shown {
		data, err := b.show(shown[i].ProtocolMetadata, topics)
		if err != nil {
			return nil, nil, fmt.Errorf("read the metadata of member %s: %w", shown[i].MemberID, err)
		}
		shown[i].ProtocolMetadata = data
	}
	inner, _, err := b.GroupBalancer.MemberBalancer(shown)
	if err != nil {
		return nil, nil, err
	}
	return memberBalancer{b, inner}, topics, nil
}

// show replaces the topics in the metadata of a member, and adds them to topics.
func (b Balancer) show(data []byte, topics map[string]struct{}) ([]byte, error) {
	var m kmsg.ConsumerMemberMetadata
	if err := m.ReadFrom(data); err != nil {
		return nil, err
	}
	owned := map[string][]int32{}
	for _, o := range m.OwnedPartitions {
		owned[b.standIn(o.Topic)] = append(owned[b.standIn(o.Topic)], o.Partitions...)
	}
	var names []string
	for _, t := range m.Topics {
		topics[t] = struct{}{}
		names = append(names, b.standIn(t))
	}
	m.Topics = unique(names)
	m.OwnedPartitions = nil
	var user kmsg.StickyMemberMetadata
	if err := user.ReadFrom(m.UserData); err != nil {
		user = kmsg.NewStickyMemberMetadata()
		user.Generation = m.Generation
	}
	user.CurrentAssignment = nil
	for _, name := range sortedKeys(owned) {
		o := kmsg.NewConsumerMemberMetadataOwnedPartition()
		o.Topic, o.Partitions = name, unique(owned[name])
		m.OwnedPartitions = append(m.OwnedPartitions, o)
		a := kmsg.NewStickyMemberMetadataCurrentAssignment()
		a.Topic, a.Partitions = o.Topic, o.Partitions
		user.CurrentAssignment = append(user.CurrentAssignment, a)
	}
	m.UserData = user.AppendTo(nil)
	return m.AppendTo(nil), nil
}

// memberBalancer balances for a group of members.
type memberBalancer struct {
	Balancer
	inner kgo.GroupMemberBalancer
}

var _ kgo.GroupMemberBalancerOrError = memberBalancer{}

// Balance implements kgo.GroupMemberBalancer; the client calls BalanceOrError.
func (b memberBalancer) Balance(topics map[string]int32) kgo.IntoSyncAssignment {
	plan, err := b.BalanceOrError(topics)
	if err != nil {
		return plans{}
	}
	return plan
}

// BalanceOrError implements kgo.GroupMemberBalancerOrError.
func (b memberBalancer) BalanceOrError(topics map[string]int32) (kgo.IntoSyncAssignment, error) {
	shown := map[string]int32{}
	topicsOf := map[string][]string{}
	for _, topic := range sortedKeys(topics) {
		name := b.standIn(topic)
		shown[name] = max(shown[name], topics[topic])
		topicsOf[name] = append(topicsOf[name], topic)
	}
	plan, err := balance(b.inner, shown)
	if err != nil {
		return nil, err
	}
	return b.spread(plan.IntoSyncAssignment(), topicsOf, topics)
}

// spread turns a plan of tasks into one of partitions.
func (b memberBalancer) spread(plan plans, topicsOf map[string][]string, topics map[string]int32) (plans, error) {
	for i := range plan {
		var shown kmsg.ConsumerMemberAssignment
		if err := shown.ReadFrom(plan[i].MemberAssignment); err != nil {
			return nil, fmt.Errorf("read the plan of member %s: %w", plan[i].MemberID, err)
		}
		given := shown
		given.Topics = nil
		for _, t := range shown.Topics {
			for _, topic := range topicsOf[t.Topic] {
				a := kmsg.NewConsumerMemberAssignmentTopic()
				a.Topic = topic
				a.Partitions = slices.DeleteFunc(slices.Clone(t.Partitions), func(p int32) bool { return p >= topics[topic] })
				if len(a.Partitions) > 0 {
					given.Topics = append(given.Topics, a)
				}
			}
		}
		plan[i].MemberAssignment = given.AppendTo(nil)
	}
	return plan, nil
}

// plans are those of all members.
type plans []kmsg.SyncGroupRequestGroupAssignment

// IntoSyncAssignment implements kgo.IntoSyncAssignment.
func (p plans) IntoSyncAssignment() []kmsg.SyncGroupRequestGroupAssignment { return p }

func unique[T int32 | string](all []T) []T {
	all = slices.Clone(all)
	slices.Sort(all)
	return slices.Compact(all)
}
