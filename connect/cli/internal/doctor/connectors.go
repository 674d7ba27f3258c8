package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect/cli/internal/check"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/internal/kafka"
)

// connectorsInKafka looks at the topics, groups and transactions of the connectors.
func connectorsInKafka(ctx context.Context, e *examination) (out []*finding) {
	for _, c := range e.connectors {
		client := &c.Producer
		if c.Subscription != nil {
			client = &c.Subscription.Consumer
		}
		out = append(out, asUser(ctx, e, c, client, func(v *visitor) []*finding {
			if c.Subscription != nil {
				return ofSubscription(ctx, e, v, c.Subscription)
			}
			return ofRecords(ctx, e, v, c)
		})...)
		if c.DeadLetters == nil {
			continue
		}
		out = append(out, asUser(ctx, e, c, &c.Producer, func(v *visitor) []*finding {
			return []*finding{ofTopic(ctx, e, v, use{name: c.DeadLetters.Topic, key: "dead letters of " + v.who,
				needs: []operation{opWrite, opDescribe},
				create: &kafka.Topic{Replication: int16(c.DeadLetters.Replication),
					ReplicationKey: "errors.deadletterqueue.topic.replication.factor"}})}
		})...)
	}
	return out
}

// asUser asks as one of the clients of a connector. Its brokers may be others, or let it in
// in another way.
func asUser(ctx context.Context, e *examination, c *plan.Connector, client *plan.Client,
	ask func(*visitor) []*finding) []*finding {
	who := "connector " + c.Name
	v, err := visit(who, client)
	if err != nil {
		return []*finding{about("%s", who).note(failed, err.Error(), "")}
	}
	defer v.close()
	opts, err := client.Options()
	if err == nil {
		err = kafka.Check(ctx, opts...)
	}
	if err != nil {
		return []*finding{about("brokers of %s", who).note(failed, err.Error(), "")}
	}
	return ask(v)
}

// ofSubscription looks at what a sink reads.
func ofSubscription(ctx context.Context, e *examination, v *visitor, s *plan.Subscription) (out []*finding) {
	for _, name := range s.Topics {
		out = append(out, ofTopic(ctx, e, v, use{name: name, key: "read by " + v.who, needs: []operation{opRead,
			opDescribe},
			asked: s.CreateTopics}))
	}
	if s.Pattern != nil {
		out = append(out, ofPattern(ctx, e, v, s))
	}
	f, _ := ofGroup(ctx, e, v, s.Group, consumers)
	return append(out, f)
}

// ofPattern finds the topics that a pattern matches now.
func ofPattern(ctx context.Context, e *examination, v *visitor, s *plan.Subscription) *finding {
	f := about("topics that match %s (read by %s)", s.Pattern, v.who)
	all, err := v.adm.ListTopics(ctx)
	if err != nil {
		return f.note(failed, "list topics: "+err.Error(), "")
	}
	found := slices.DeleteFunc(all.Names(), func(name string) bool { return !s.Pattern.MatchString(name) })
	if len(found) == 0 {
		return f.note(warning, "there are none that the user may see",
			"check topics.regex, or give the user the ACLs Read and Describe")
	}
	const shown = 5
	text := strings.Join(found[:min(len(found), shown)], ", ")
	if n := len(found) - shown; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return f.note(ok, text, "")
}

// topicKeys are the keys in which the connectors of Kafka Connect's world name the one
// topic that they write.
var topicKeys = []string{"topic", "kafka.topic"}

// ofRecords looks at what a source writes, as far as its configuration says it.
func ofRecords(ctx context.Context, e *examination, v *visitor, c *plan.Connector) (out []*finding) {
	for _, key := range topicKeys {
		name := c.Props[key]
		if name == "" || check.IsReference(name) {
			continue
		}
		u := use{name: name, key: "written by " + v.who, needs: []operation{opWrite, opDescribe}, asked: true}
		if g, creates := c.Records.Creation.Group(name); creates {
			u.create = &kafka.Topic{Partitions: g.Partitions, Replication: g.Replication, Configs: g.Configs,
				ReplicationKey: "topic.creation." + g.Name + ".replication.factor"}
		}
		out = append(out, ofTopic(ctx, e, v, u))
	}
	if !c.Records.ExactlyOnce {
		return out
	}
	f := ofTransactions(ctx, e, v, c.Records.TransactionalIDPrefix+"0")
	limit, known := e.defaults.number("transaction.max.timeout.ms")
	if wanted := c.Records.TransactionTimeout.Milliseconds(); known && wanted > limit {
		f.note(failed, fmt.Sprintf("its transaction.timeout.ms, %d, is more than the brokers allow, %d", wanted,
			limit),
			"set producer.override.transaction.timeout.ms lower, or the brokers' transaction.max.timeout.ms higher")
	}
	return append(out, f)
}
