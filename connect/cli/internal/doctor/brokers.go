package doctor

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/suiro/suiro/connect/cli/internal/command"
	"github.com/suiro/suiro/internal/kafka"
)

// ofBrokers asks every broker, and the first of them for its settings.
func ofBrokers(ctx context.Context, e *examination) (out []*finding) {
	v, err := visit("the worker", &e.worker.Admin)
	if err != nil {
		return []*finding{about("brokers").note(failed, err.Error(), "")}
	}
	defer v.close()
	e.cluster = kafka.Survey(ctx, v.cl)
	for _, a := range e.cluster.Bootstrap {
		out = append(out, ofBroker("bootstrap server", a, e.cluster.Protocol))
	}
	var releases []string
	for _, a := range e.cluster.Brokers {
		out = append(out, ofBroker(fmt.Sprint("broker ", a.Node), a, e.cluster.Protocol))
		if a.Err == nil && !slices.Contains(releases, a.Release) {
			releases = append(releases, a.Release)
		}
	}
	if len(releases) > 1 {
		out = append(out, about("cluster").note(warning, fmt.Sprintf("its brokers have different releases, %v",
			releases),
			"finish the upgrade"))
	}
	if len(e.cluster.Brokers) == 0 {
		return append(out, about("topics, rights, groups and workers").note(skipped, "no bootstrap server answers",
			""))
	}
	e.defaults = v.brokerDefaults(ctx, e.cluster.Brokers)
	return append(out, brokersTopics(ctx, e, v)...)
}

func ofBroker(what string, a kafka.Answer, protocol string) *finding {
	f := about("%s %s", what, a.Address)
	if a.Err != nil {
		return f.note(failed, a.Err.Error(), "")
	}
	return f.note(ok, fmt.Sprintf("answers in %v, Kafka %s, %s", a.Took.Round(time.Millisecond), a.Release,
		protocol), "")
}

// brokersTopics finds out whether the brokers can make their own topics, without which no group
// and no transaction works: on a cluster of one broker with the settings of one of three
// they cannot.
func brokersTopics(ctx context.Context, e *examination, v *visitor) (out []*finding) {
	for topic, key := range map[string]string{"__consumer_offsets": "offsets.topic.replication.factor",
		"__transaction_state": "transaction.state.log.replication.factor"} {
		wanted, known := e.defaults.number(key)
		if _, err := v.topic(ctx, topic); !known || !missing(err) || int(wanted) <= len(e.cluster.Brokers) {
			continue
		}
		out = append(out, about("topic %s", topic).note(failed,
			fmt.Sprintf("it does not exist, and the brokers cannot make it "+
				"with %d replicas, as there is %s", wanted, command.Amount(len(e.cluster.Brokers), "broker")),
			"set "+key+" of the brokers to their number at most"))
	}
	slices.SortFunc(out, func(a, b *finding) int { return len(a.Subject) - len(b.Subject) })
	return out
}
