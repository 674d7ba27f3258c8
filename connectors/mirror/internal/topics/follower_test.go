package topics_test

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"testing"

	"github.com/suiro/suiro/connectors/mirror/internal/naming"
	"github.com/suiro/suiro/connectors/mirror/internal/selection"
	"github.com/suiro/suiro/connectors/mirror/internal/topics"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// pair are two clusters and what follows one on the other.
type pair struct {
	t            *testing.T
	east, west   *kadm.Client
	eastC, westC *kfake.Cluster
	*topics.Follower
	acls *topics.ACLs
}

func newPair(t *testing.T, include string) *pair {
	t.Helper()
	p := &pair{t: t, eastC: kafkatest.Start(t, kfake.ClusterID("east")), westC: kafkatest.Start(t, kfake.ClusterID("west"))}
	east, west := kafkatest.Client(t, p.eastC.ListenAddrs()), kafkatest.Client(t, p.westC.ListenAddrs())
	p.east, p.west = kadm.NewClient(east), kadm.NewClient(west)
	chosen, err := selection.New([]string{include}, nil)
	if err != nil {
		t.Fatal(err)
	}
	excluded, err := selection.New([]string{"min.insync.replicas"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	flow := &topics.Flow{Source: east, Target: west, SourceAlias: "east", TargetAlias: "west",
		Policy: naming.Policy{Separator: "."}, Topics: chosen, Heartbeats: true, Logger: slog.New(slog.DiscardHandler)}
	p.Follower = &topics.Follower{Flow: flow, Configs: &topics.Configs{Flow: flow, Excluded: excluded}, Replication: 1}
	p.acls = &topics.ACLs{Flow: flow}
	return p
}

func (p *pair) create(on *kadm.Client, topic string, partitions int, configs ...string) {
	p.t.Helper()
	m := map[string]*string{}
	for i := 0; i < len(configs); i += 2 {
		m[configs[i]] = &configs[i+1]
	}
	if _, err := on.CreateTopic(p.t.Context(), int32(partitions), 1, m, topic); err != nil {
		p.t.Fatal(err)
	}
}

func (p *pair) partitions() string {
	p.t.Helper()
	list, err := p.Partitions(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	return fmt.Sprint(list)
}

// own returns the settings that a topic of west has of its own.
func (p *pair) own(topic string) map[string]string {
	p.t.Helper()
	answers, err := p.west.DescribeTopicConfigs(p.t.Context(), topic)
	if err != nil || answers[0].Err != nil {
		p.t.Fatal(err, answers)
	}
	out := map[string]string{}
	for _, c := range answers[0].Configs {
		if c.Source == kmsg.ConfigSourceDynamicTopicConfig {
			out[c.Key] = *c.Value
		}
	}
	return out
}

func TestMirroredTopicsGetThePartitionsOfTheirOriginals(t *testing.T) {
	p := newPair(t, "or.*")
	p.create(p.east, "orders", 2, "retention.ms", "1000", "min.insync.replicas", "2")
	p.create(p.east, "others", 1)
	p.create(p.east, "heartbeats", 1)
	p.create(p.east, "west.orders", 1)
	if got, want := p.partitions(), "[heartbeats-0 orders-0 orders-1]"; got != want {
		t.Errorf("Partitions = %s, want %s", got, want)
	}
	if got, want := p.own("east.orders"), map[string]string{"retention.ms": "1000"}; !maps.Equal(got, want) {
		t.Errorf("east.orders is made with %v, want %v", got, want)
	}
	if _, err := p.east.UpdatePartitions(t.Context(), 3, "orders"); err != nil {
		t.Fatal(err)
	}
	if got, want := p.partitions(), "[heartbeats-0 orders-0 orders-1 orders-2]"; got != want {
		t.Errorf("Partitions = %s, want %s", got, want)
	}
	ends, err := p.west.ListEndOffsets(t.Context(), "east.orders")
	if err != nil || len(ends["east.orders"]) != 3 {
		t.Errorf("east.orders has %v, %v, want 3 partitions", ends["east.orders"], err)
	}
}

// A topic that the target refuses holds no other up, and comes when the target takes it.
func TestATopicThatCannotBeMadeIsLeftOut(t *testing.T) {
	p := newPair(t, ".*")
	p.create(p.east, "a", 1)
	p.create(p.east, "b", 1)
	refuse := true
	p.westC.ControlKey(kmsg.CreateTopics.Int16(), func(r kmsg.Request) (kmsg.Response, error, bool) {
		p.westC.KeepControl()
		req := r.(*kmsg.CreateTopicsRequest)
		if !refuse || req.Topics[0].Topic != "east.a" {
			return nil, nil, false
		}
		resp := req.ResponseKind().(*kmsg.CreateTopicsResponse)
		answer := kmsg.NewCreateTopicsResponseTopic()
		answer.Topic, answer.ErrorCode = "east.a", kerr.PolicyViolation.Code
		resp.Topics = append(resp.Topics, answer)
		return resp, nil, true
	})
	if got, want := p.partitions(), "[b-0]"; got != want {
		t.Errorf("Partitions = %s, want %s", got, want)
	}
	refuse = false
	if got, want := p.partitions(), "[a-0 b-0]"; got != want {
		t.Errorf("Partitions = %s, want %s", got, want)
	}
}

func TestConfigurationsFollow(t *testing.T) {
	p := newPair(t, ".*")
	p.create(p.east, "orders", 1, "retention.ms", "1000")
	p.partitions()
	sync := func() map[string]string {
		t.Helper()
		if err := p.Configs.Sync(t.Context(), p.Chosen()); err != nil {
			t.Fatal(err)
		}
		return p.own("east.orders")
	}
	alter := func(op kadm.IncrementalOp, key, value string) {
		t.Helper()
		_, err := p.east.AlterTopicConfigs(t.Context(), []kadm.AlterConfig{{Op: op, Name: key, Value: &value}}, "orders")
		if err != nil {
			t.Fatal(err)
		}
	}
	alter(kadm.SetConfig, "cleanup.policy", "compact")
	alter(kadm.SetConfig, "min.insync.replicas", "2") // is excluded
	if got, want := sync(), (map[string]string{"retention.ms": "1000", "cleanup.policy": "compact"}); !maps.Equal(got, want) {
		t.Errorf("east.orders has %v, want %v", got, want)
	}
	alter(kadm.DeleteConfig, "retention.ms", "")
	if got, want := sync(), (map[string]string{"cleanup.policy": "compact"}); !maps.Equal(got, want) {
		t.Errorf("east.orders has %v, want %v", got, want)
	}
	changes := 0
	p.westC.ControlKey(kmsg.IncrementalAlterConfigs.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
		p.westC.KeepControl()
		changes++
		return nil, nil, false
	})
	if sync(); changes != 0 {
		t.Error("a configuration is changed that is the same already")
	}
}

// acl is an ACL of a topic.
func acl(topic string, pattern kmsg.ACLResourcePatternType, principal string, op kmsg.ACLOperation,
	permission kmsg.ACLPermissionType) kmsg.CreateACLsRequestCreation {
	c := kmsg.NewCreateACLsRequestCreation()
	c.ResourceType, c.ResourceName, c.ResourcePatternType = kmsg.ACLResourceTypeTopic, topic, pattern
	c.Principal, c.Host, c.Operation, c.PermissionType = "User:"+principal, "*", op, permission
	return c
}

func TestACLsOfReadersFollow(t *testing.T) {
	const literal, allow, deny = kmsg.ACLResourcePatternTypeLiteral, kmsg.ACLPermissionTypeAllow, kmsg.ACLPermissionTypeDeny
	p := newPair(t, "orders")
	p.create(p.east, "orders", 1)
	p.partitions()
	create := kmsg.NewPtrCreateACLsRequest()
	create.Creations = []kmsg.CreateACLsRequestCreation{
		acl("orders", literal, "reader", kmsg.ACLOperationRead, allow),
		acl("orders", literal, "writer", kmsg.ACLOperationWrite, allow),
		acl("orders", literal, "owner", kmsg.ACLOperationAll, allow),
		acl("orders", literal, "outcast", kmsg.ACLOperationAll, deny),
		acl("or", kmsg.ACLResourcePatternTypePrefixed, "prefixed", kmsg.ACLOperationRead, allow),
		acl("others", literal, "other", kmsg.ACLOperationRead, allow),
	}
	if _, err := create.RequestWith(t.Context(), p.Source); err != nil {
		t.Fatal(err)
	}
	for range 2 { // those that exist stay
		if err := p.acls.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ask := kmsg.NewPtrDescribeACLsRequest()
	ask.ResourceType, ask.ResourcePatternType = kmsg.ACLResourceTypeTopic, kmsg.ACLResourcePatternTypeAny
	ask.Operation, ask.PermissionType = kmsg.ACLOperationAny, kmsg.ACLPermissionTypeAny
	resp, err := ask.RequestWith(t.Context(), p.Target)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range resp.Resources {
		for _, a := range r.ACLs {
			got = append(got, fmt.Sprintf("%s %s %s %s", r.ResourceName, a.Principal, a.PermissionType, a.Operation))
		}
	}
	slices.Sort(got)
	want := []string{"east.orders User:outcast DENY ALL", "east.orders User:owner ALLOW READ", "east.orders User:reader ALLOW READ"}
	if !slices.Equal(got, want) {
		t.Errorf("west has the ACLs %q, want %q", got, want)
	}
}

func TestAClusterWithoutACLsIsNoError(t *testing.T) {
	p := newPair(t, ".*")
	p.eastC.ControlKey(kmsg.DescribeACLs.Int16(), func(r kmsg.Request) (kmsg.Response, error, bool) {
		resp := r.ResponseKind().(*kmsg.DescribeACLsResponse)
		resp.ErrorCode = kerr.SecurityDisabled.Code
		return resp, nil, true
	})
	if err := p.acls.Sync(t.Context()); err != nil {
		t.Errorf("Sync = %v, want none", err)
	}
}

func TestAClusterIsNotMirroredToItself(t *testing.T) {
	p := newPair(t, ".*")
	p.Target, p.west = p.Source, p.east
	p.create(p.east, "orders", 1)
	for range 3 { // mirrors of mirrors of mirrors
		if got, want := p.partitions(), "[orders-0]"; got != want {
			t.Errorf("Partitions = %s, want %s", got, want)
		}
	}
	p = newPair(t, ".*")
	p.Target, p.Policy.Identity = p.Source, true
	if _, err := p.Partitions(t.Context()); !errors.Is(err, topics.ErrOneCluster) {
		t.Errorf("Partitions of a cluster on itself under the same names: %v, want ErrOneCluster", err)
	}
}
