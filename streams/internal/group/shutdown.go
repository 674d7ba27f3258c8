package group

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/suiro/suiro/internal/backoff"
)

// Shutdown lets a member of a group tell all others to stop, as members of Kafka Streams do
// (KIP-671): it asks when it joins, and whoever gives out the tasks tells all. What is told
// is at the end of the user data of either message:
//
//	"error" | 4 bytes code, big endian: 4 to stop, as in Kafka Streams' assignments
type Shutdown struct {
	// GroupBalancer gives out what there is.
	kgo.GroupBalancer
	// Ask makes this member ask all others to stop. It gets no partitions.
	Ask bool
	// Told is called when somebody has asked, perhaps several times, in the goroutine of the
	// client.
	Told func()
}

// shutdownRequested is Kafka Streams' code.
const shutdownRequested = 4

func stopMark() []byte { return binary.BigEndian.AppendUint32([]byte("error"), shutdownRequested) }

// JoinGroupMetadata implements kgo.GroupBalancer.
func (s Shutdown) JoinGroupMetadata(topics []string, current map[string][]int32, generation int32) []byte {
	data := s.GroupBalancer.JoinGroupMetadata(topics, current, generation)
	var m kmsg.ConsumerMemberMetadata
	if !s.Ask || m.ReadFrom(data) != nil {
		return data
	}
	m.UserData = append(m.UserData, stopMark()...)
	return m.AppendTo(nil)
}

// ParseSyncAssignment implements kgo.GroupBalancer.
func (s Shutdown) ParseSyncAssignment(data []byte) (map[string][]int32, error) {
	var m kmsg.ConsumerMemberAssignment
	if err := m.ReadFrom(data); err == nil && bytes.HasSuffix(m.UserData, stopMark()) {
		s.Told()
	}
	return s.GroupBalancer.ParseSyncAssignment(data)
}

// MemberBalancer implements kgo.GroupBalancer.
func (s Shutdown) MemberBalancer(members []kmsg.JoinGroupResponseMember) (
	kgo.GroupMemberBalancer, map[string]struct{}, error) {
	asked := false
	shown := slices.Clone(members)
	for i := range shown {
		var m kmsg.ConsumerMemberMetadata
		if m.ReadFrom(shown[i].ProtocolMetadata) != nil || !bytes.HasSuffix(m.UserData, stopMark()) {
			continue
		}
		asked = true
		m.UserData, m.Topics = bytes.TrimSuffix(m.UserData, stopMark()), nil
		shown[i].ProtocolMetadata = m.AppendTo(nil)
	}
	inner, topics, err := s.GroupBalancer.MemberBalancer(shown)
	if err != nil || !asked {
		return inner, topics, err
	}
	return telling{inner}, topics, nil
}

// telling gives out what another balancer does, and tells all members to stop.
type telling struct{ inner kgo.GroupMemberBalancer }

var _ kgo.GroupMemberBalancerOrError = telling{}

// Balance implements kgo.GroupMemberBalancer; the client calls BalanceOrError.
func (t telling) Balance(topics map[string]int32) kgo.IntoSyncAssignment {
	plan, err := t.BalanceOrError(topics)
	if err != nil {
		return plans{}
	}
	return plan
}

// BalanceOrError implements kgo.GroupMemberBalancerOrError.
func (t telling) BalanceOrError(topics map[string]int32) (kgo.IntoSyncAssignment, error) {
	plan, err := balance(t.inner, topics)
	if err != nil {
		return nil, err
	}
	all := plans(plan.IntoSyncAssignment())
	for i := range all {
		var m kmsg.ConsumerMemberAssignment
		if err := m.ReadFrom(all[i].MemberAssignment); err != nil {
			return nil, fmt.Errorf("read the plan of member %s: %w", all[i].MemberID, err)
		}
		m.UserData = append(m.UserData, stopMark()...)
		all[i].MemberAssignment = m.AppendTo(nil)
	}
	return all, nil
}

// balance calls a balancer, which may be one that can fail.
func balance(b kgo.GroupMemberBalancer, topics map[string]int32) (kgo.IntoSyncAssignment, error) {
	if may, ok := b.(kgo.GroupMemberBalancerOrError); ok {
		return may.BalanceOrError(topics)
	}
	return b.Balance(topics), nil
}

// How often [StopAll] looks whether the others have gone.
const lookAgain = 200 * time.Millisecond

// askerID is the client.id of those that ask, of which there may be several.
const askerID = "suiro-shutdown"

// StopAll joins a group to tell all of its members to stop, and stays until they have left
// or ctx is done. client has the options of the brokers, and topics are those that the
// group reads.
func StopAll(ctx context.Context, client []kgo.Opt, group string, topics []string, balancer kgo.GroupBalancer) error {
	told := make(chan struct{})
	var once sync.Once
	cl, err := kgo.NewClient(append(slices.Clone(client), kgo.ClientID(askerID),
		kgo.ConsumerGroup(group), kgo.ConsumeTopics(topics...), kgo.DisableAutoCommit(),
		kgo.Balancers(Shutdown{GroupBalancer: balancer, Ask: true, Told: func() { once.Do(func() { close(told) }) }}))...)
	if err != nil {
		return fmt.Errorf("tell group %s to stop: %w", group, err)
	}
	defer cl.Close()
	select {
	case <-told:
	case <-ctx.Done():
		return fmt.Errorf("tell group %s to stop: it did not rebalance in time: %w", group, ctx.Err())
	}
	for adm := kadm.NewClient(cl); ; {
		left, err := others(ctx, adm, group)
		if err == nil && left == 0 {
			return nil
		}
		if err := backoff.Sleep(ctx, lookAgain); err != nil {
			return fmt.Errorf("tell group %s to stop: %d of its members are still there: %w", group, left, err)
		}
	}
}

// others returns how many members a group has beside those that ask.
func others(ctx context.Context, adm *kadm.Client, group string) (int, error) {
	found, err := adm.DescribeGroups(ctx, group)
	if err == nil {
		err = found.Error()
	}
	if err != nil && !errors.Is(err, kerr.GroupIDNotFound) {
		return 0, err
	}
	n := 0
	for _, m := range found[group].Members {
		if m.ClientID != askerID {
			n++
		}
	}
	return n, nil
}
