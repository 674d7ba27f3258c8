package doctor

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/suiro/suiro/connect/cli/internal/command"
	"github.com/suiro/suiro/internal/kafka"
)

// use is what a topic has to be for somebody.
type use struct {
	name    string
	key     string       // that names the topic, or what it is for
	create  *kafka.Topic // how it is made when it is missing, nil when whoever uses it makes none
	needs   []operation
	compact bool // it has to be compacted
	single  bool // it has to have one partition
	asked   bool // brokers are asked to make it
}

// workerTopics looks at the topics in which the worker keeps what it knows.
func workerTopics(ctx context.Context, e *examination) (out []*finding) {
	v, err := visit("the worker", &e.worker.Producer)
	if err != nil {
		return []*finding{about("topics of the worker").note(failed, err.Error(), "")}
	}
	defer v.close()
	w := e.worker
	look := func(name, storage string, partitions, replicas int, settings map[string]string) {
		if name == "" {
			return
		}
		configs := map[string]string{}
		maps.Copy(configs, settings)
		configs["cleanup.policy"] = "compact"
		out = append(out, ofTopic(ctx, e, v, use{name: name, key: storage + ".storage.topic", compact: true,
			single: storage == "config", needs: []operation{opRead, opWrite, opDescribe},
			create: &kafka.Topic{Partitions: int32(partitions), Replication: int16(replicas), Configs: configs,
				ReplicationKey: storage + ".storage.replication.factor"}}))
	}
	if d := w.Distributed; d != nil {
		look(d.ConfigTopic, "config", 1, d.ConfigReplication, d.ConfigSettings)
		look(d.StatusTopic, "status", d.StatusPartitions, d.StatusReplication, d.StatusSettings)
	}
	look(w.OffsetTopic, "offset", w.OffsetPartitions, w.OffsetReplication, w.OffsetSettings)
	return out
}

// ofTopic looks at one topic.
func ofTopic(ctx context.Context, e *examination, v *visitor, u use) *finding {
	f := about("topic %s (%s)", u.name, u.key)
	t, err := v.topic(ctx, u.name)
	switch {
	case missing(err):
		noteMissing(ctx, e, f, v, u)
		return f
	case denied(err):
		return f.note(failed, "the user of "+v.who+" may not see whether it exists",
			fmt.Sprintf("give that user the ACL %s on the topic %s, and Create if it does not exist",
				names(u.needs), u.name))
	case err != nil:
		return f.note(failed, "ask for it: "+err.Error(), "")
	}
	replicas := noteShape(f, t)
	if u.single && len(t.Partitions) != 1 {
		f.note(failed, "it has to have one partition", "name another topic, or make it anew with one partition")
	}
	v.noteRights(f, t.AuthorizedOperations, "topic "+u.name, u.needs...)
	v.noteSettings(ctx, f, u, t, replicas)
	return f
}

func names(needs []operation) (text string) {
	for i, o := range needs {
		if i > 0 {
			text += ", "
		}
		text += o.name
	}
	return text
}

// noteShape says how many partitions and replicas the topic has, and which are away.
func noteShape(f *finding, t *kmsg.MetadataResponseTopic) (replicas int) {
	leaderless, behind := 0, 0
	for _, p := range t.Partitions {
		replicas = len(p.Replicas)
		if p.Leader < 0 {
			leaderless++
		}
		if len(p.ISR) < len(p.Replicas) {
			behind++
		}
	}
	f.note(ok, fmt.Sprintf("%s, %s", command.Amount(len(t.Partitions), "partition"), command.Amount(replicas,
		"replica")), "")
	if leaderless > 0 {
		f.note(failed, command.Amount(leaderless, "partition")+" without a leader", "start the brokers that are away")
	}
	if behind > 0 {
		f.note(warning, command.Amount(behind, "partition")+" with replicas that are behind or away",
			"look at the brokers' logs")
	}
	return replicas
}

// noteSettings compares the settings of a topic with what it is for.
func (v *visitor) noteSettings(ctx context.Context, f *finding, u use, t *kmsg.MetadataResponseTopic, replicas int) {
	if !u.compact {
		return
	}
	if replicas == 1 {
		f.note(warning, "what it has is lost with one broker", "give it three replicas")
	}
	configs, err := v.adm.DescribeTopicConfigs(ctx, u.name)
	if err == nil && len(configs) == 1 {
		err = configs[0].Err
	}
	if err != nil || len(configs) != 1 {
		f.note(skipped, fmt.Sprintf("its settings are not known: %v", err), "")
		return
	}
	settings := defaults{}
	for _, c := range configs[0].Configs {
		settings[c.Key] = c.MaybeValue()
	}
	if policy := settings["cleanup.policy"]; policy != "compact" && policy != "" {
		f.note(failed, "its cleanup.policy is "+policy+", which deletes what is still needed",
			"set it: kafka-configs.sh --alter --entity-type topics --entity-name "+u.name+
				" --add-config cleanup.policy=compact")
	}
	least, known := settings.number("min.insync.replicas")
	inSync := len(t.Partitions) > 0
	for _, p := range t.Partitions {
		inSync = inSync && int64(len(p.ISR)) >= least
	}
	switch {
	case !known:
	case int(least) > replicas:
		f.note(failed, fmt.Sprintf("its min.insync.replicas is %d, so that nothing can be written", least),
			"set it lower, or give the topic more replicas")
	case !inSync:
		f.note(failed,
			fmt.Sprintf("fewer replicas are in sync than min.insync.replicas, %d, so that nothing can be written",
				least),
			"start the brokers that are away")
	case int(least) == replicas && replicas > 1:
		f.note(warning,
			fmt.Sprintf("its min.insync.replicas is %d, so that nothing can be written while one broker is away",
				least),
			"set it to less than the number of replicas")
	}
}

// noteMissing says what becomes of a topic that does not exist. Brokers are asked to look
// at the request that would make it, and make nothing.
func noteMissing(ctx context.Context, e *examination, f *finding, v *visitor, u use) {
	c := u.create
	if c == nil {
		noteAuto(e, f, u)
		return
	}
	partitions, replicas := max(c.Partitions, -1), c.Replication
	if partitions == 0 {
		partitions = 1
	}
	if replicas == 0 {
		replicas = -1
	}
	configs := map[string]*string{}
	for k, value := range c.Configs {
		configs[k] = &value
	}
	all, err := v.adm.ValidateCreateTopics(ctx, partitions, replicas, configs, u.name)
	answer, answered := all[u.name]
	if err == nil && answered {
		err = answer.Err
	}
	text := ""
	if answer.ErrMessage != "" {
		text = ": " + answer.ErrMessage
	}
	switch {
	case err == nil:
		f.note(ok, "it does not exist and can be made", "")
	case errors.Is(err, kerr.InvalidReplicationFactor):
		f.note(failed, fmt.Sprintf("it does not exist, and cannot be made with %s: there is %s",
			command.Amount(int(replicas), "replica"),
			command.Amount(len(e.cluster.Brokers), "broker")),
			"set "+c.ReplicationKey+" to the number of brokers at most")
	case denied(err):
		f.note(failed, "it does not exist, and the user of "+v.who+" may not make it",
			"give that user the ACL Create on the topic "+u.name+", or make the topic first")
	default:
		f.note(failed, fmt.Sprintf("it does not exist, and cannot be made: %v%s", err, text), "")
	}
}

// noteAuto says what becomes of a topic that nobody but the brokers makes.
func noteAuto(e *examination, f *finding, u use) {
	auto, known := e.defaults["auto.create.topics.enable"]
	remedy := "make it: suiro topics create " + u.name
	switch {
	case u.asked && known && auto == "true":
		f.note(ok, "it does not exist, and the brokers make it", "")
	case u.asked && !known:
		f.note(warning, "it does not exist, and whether the brokers make it is not known", remedy)
	default:
		f.note(warning, "it does not exist, and nobody makes it", remedy)
	}
}
