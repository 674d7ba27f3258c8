package check

import (
	"fmt"
	"strings"

	"github.com/suiro/suiro/connect/cli/internal/command"
	"github.com/suiro/suiro/connect/plan"
)

// workerFacts say what a worker would be.
func workerFacts(props map[string]string, w *plan.Worker) []fact {
	v, _ := plan.WorkerDef().Parse(props) // it was parsed before
	facts := []fact{
		{"brokers", strings.Join(v.List("bootstrap.servers"), ", ") + ", " + v.String("security.protocol")},
		{"offsets", "file " + w.OffsetFile},
		{"converters", converters(v.String("key.converter"), v.String("value.converter"), v.String("header.converter"))},
		{"REST API", strings.Join(w.Listeners, ", ")},
	}
	if w.OffsetTopic != "" {
		facts[1].text = "topic " + w.OffsetTopic
	}
	if len(w.Listeners) == 0 {
		facts[3].text = "none"
	}
	if d := w.Distributed; d != nil {
		facts = append(facts, fact{"group", fmt.Sprintf("%s, configurations in topic %s, statuses in topic %s", w.GroupID,
			d.ConfigTopic, d.StatusTopic)})
	}
	if w.ExactlyOnce {
		facts = append(facts, fact{"sources", "exactly once, group " + w.GroupID})
	}
	return facts
}

func converters(key, value, header string) string {
	return fmt.Sprintf("key %s, value %s, headers %s", command.Simple(key), command.Simple(value), command.Simple(header))
}

// connectorFacts say what would run of a connector.
func connectorFacts(c *plan.Connector, initial string) []fact {
	facts := []fact{
		{"class", fmt.Sprintf("%s, a %s", c.Class, c.Type)},
		{"tasks", fmt.Sprintf("%d at most", c.MaxTasks)},
	}
	if c.Subscription != nil {
		facts = append(facts, fact{"reads", subscription(c.Subscription)})
	}
	if c.Records != nil {
		facts = append(facts, sourceFacts(c)...)
	}
	facts = append(facts, fact{"converters", converters(c.Key.Class, c.Value.Class, c.Header.Class)})
	if len(c.Chain) > 0 {
		facts = append(facts, fact{"transforms", chain(c)})
	}
	facts = append(facts, fact{"bad records", badRecords(c)})
	if initial != "" {
		facts = append(facts, fact{"state", "starts as " + initial})
	}
	return facts
}

func subscription(s *plan.Subscription) string {
	of := "topics " + strings.Join(s.Topics, ", ")
	switch {
	case s.Pattern != nil:
		of = "topics that match " + s.Pattern.String()
	case len(s.Topics) == 1:
		of = "topic " + s.Topics[0]
	}
	return of + ", group " + s.Group
}

// sourceFacts say where a source writes to, as far as its configuration says.
func sourceFacts(c *plan.Connector) (facts []fact) {
	if topic := c.Props["topic"]; topic != "" {
		created := "created by the brokers, or refused, when it does not exist"
		if g, ok := c.Records.Creation.Group(topic); ok {
			created = fmt.Sprintf("created with %s and %s when it does not exist",
				brokersChoice(int(g.Partitions), "partition"), brokersChoice(int(g.Replication), "replica"))
		}
		facts = append(facts, fact{"writes", "topic " + topic + ", " + created})
	}
	if c.Records.ExactlyOnce {
		facts = append(facts, fact{"delivery", "exactly once"})
	}
	return facts
}

func brokersChoice(n int, noun string) string {
	if n < 0 {
		return "the brokers' number of " + noun + "s"
	}
	return command.Amount(n, noun)
}

// chain names the transforms in their order.
func chain(c *plan.Connector) string {
	names := make([]string, len(c.Chain))
	for i, step := range c.Chain {
		names[i] = command.Simple(step.Class)
		switch {
		case step.Predicate != nil && step.Negate:
			names[i] += " (unless a predicate holds)"
		case step.Predicate != nil:
			names[i] += " (if a predicate holds)"
		}
	}
	return strings.Join(names, ", ")
}

// badRecords says what becomes of records that cannot be processed.
func badRecords(c *plan.Connector) string {
	switch {
	case !c.Tolerance.All:
		return "end the task (errors.tolerance is none)"
	case c.DeadLetters == nil:
		return "are dropped (errors.tolerance is all, and there is no dead letter queue)"
	}
	return fmt.Sprintf("go to topic %s, created with %s when it does not exist", c.DeadLetters.Topic,
		brokersChoice(c.DeadLetters.Replication, "replica"))
}
