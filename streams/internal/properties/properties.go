// Package properties is what a stream app is told: its keys, by Kafka Streams' names, the check of
// their values, and what follows from them.
package properties

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/memory"
	"github.com/suiro/suiro/streams/internal/failures"
	"github.com/suiro/suiro/streams/internal/ignored"
	"github.com/suiro/suiro/streams/internal/kafkakeys"
	"github.com/suiro/suiro/streams/topology"
)

// Properties are those of an app, and can be used. They do not change.
type Properties struct {
	config.Values
	// Topics are the configurations of internal topics.
	Topics map[string]string
	// Memory is what the process may take.
	Memory *memory.Budget

	given map[string]string
}

// Parse reads an app's properties. The error is a [config.Errors] of every key
// that is wrong, also of those that nobody knows.
func Parse(given map[string]string) (*Properties, error) {
	props, errs := Translate(given)
	v, err := def.Parse(props)
	var wrongValues config.Errors
	errors.As(err, &wrongValues)
	errs = append(errs, wrongValues...)
	errs = append(errs, def.UnknownErrors(withoutIgnored(props))...)
	if len(errs) > 0 {
		return nil, errs
	}
	errs = commitRule(v)
	_, err = kafka.Stream.Options(v, nil)
	var wrong config.Errors
	if err != nil && !errors.As(err, &wrong) {
		return nil, err
	}
	if errs = append(errs, wrong...); len(errs) > 0 {
		return nil, errs
	}
	return &Properties{Values: v, Topics: kafkakeys.Topics(given), given: given,
		Memory: memory.Limit(v.Long(memory.MaxBytes))}, nil
}

// Translate returns the properties of a Kafka Streams app by the names that they have
// here: without the prefixes of its clients, which are one here. The errors are those of
// keys with values that ask for what there is not.
func Translate(props map[string]string) (map[string]string, config.Errors) {
	return kafkakeys.Translate(props, IsKey)
}

// withoutIgnored returns the properties without those that have no effect.
func withoutIgnored(props map[string]string) map[string]string {
	out := maps.Clone(props)
	maps.DeleteFunc(out, func(name, _ string) bool {
		_, ok := Ignored(name)
		return ok
	})
	return out
}

// Ignored reports whether name is a key of Kafka Streams that has no effect in a
// stream app, and why. The keys of [Translate] that it does not refuse have none either, and
// are as the app is: why is empty then.
func Ignored(name string) (why string, ok bool) {
	if kafkakeys.Accepted(name) || strings.HasPrefix(name, kafkakeys.TopicPrefix) {
		return "", true
	}
	key, other := kafkakeys.Split(name)
	if IsKey(key) && other {
		return "the client has sizes of its own", true
	}
	return ignored.Why(key)
}

// commitRule keeps an epoch shorter than its transaction may be.
func commitRule(v config.Values) (errs config.Errors) {
	if !exactlyOnce(v) {
		return nil
	}
	if ci, tt := commitInterval(v), v.Millis("transaction.timeout.ms"); ci >= tt {
		errs = append(errs, config.Errorf("commit.interval.ms", fmt.Sprint(ci.Milliseconds()),
			"must be smaller than transaction.timeout.ms (%d)", tt.Milliseconds()))
	}
	return errs
}

// ApplicationID returns application.id.
func (p *Properties) ApplicationID() string { return p.String("application.id") }

// DeadLetters returns the topic for dead letters, "" for none.
func (p *Properties) DeadLetters() string { return p.String(failures.DeadLetterKey) }

// ExactlyOnce reports whether records take effect exactly once.
func (p *Properties) ExactlyOnce() bool { return exactlyOnce(p.Values) }

func exactlyOnce(v config.Values) bool { return v.String("processing.guarantee") == ExactlyOnceV2 }

// CommitInterval is how often results are committed.
func (p *Properties) CommitInterval() time.Duration { return commitInterval(p.Values) }

func commitInterval(v config.Values) time.Duration {
	switch {
	case v.IsSet("commit.interval.ms"):
		return v.Millis("commit.interval.ms")
	case exactlyOnce(v):
		return 100 * time.Millisecond
	}
	return 30 * time.Second
}

// StateDir is the folder of the app's state.
func (p *Properties) StateDir() string {
	return filepath.Join(p.String("state.dir"), p.ApplicationID())
}

// Place returns the topology with the stores that say nothing where default.dsl.store says.
func (p *Properties) Place(t *topology.Topology) *topology.Topology {
	if p.String("default.dsl.store") == inMemory {
		return t.Place(topology.InMemory)
	}
	return t.Place(topology.OnDisk)
}

// Admin returns the options of a client that asks brokers and changes topics.
func (p *Properties) Admin() ([]kgo.Opt, error) { return kafka.Admin.Options(p.Values, p.Memory) }

// Member returns the options of the client of a thread or a global store, except those of its group.
func (p *Properties) Member() ([]kgo.Opt, error) {
	opts, err := kafka.Stream.Options(p.Values, p.Memory)
	if err != nil {
		return nil, err
	}
	start, reset := kgo.NewOffset().AtStart(), kgo.NewOffset().AtStart()
	switch p.String("auto.offset.reset") {
	case "latest":
		start, reset = kgo.NewOffset().AtEnd(), kgo.NewOffset().AtEnd()
	case "none":
		start, reset = kgo.NewOffset().AtCommitted(), kgo.NoResetOffset()
	}
	return append(opts, kgo.ConsumeStartOffset(start), kgo.ConsumeResetOffset(reset)), nil
}

// WarnIgnored logs what has no effect.
func (p *Properties) WarnIgnored(log *slog.Logger) {
	props, _ := Translate(p.given)
	for _, name := range def.Unknown(props) {
		if why, ok := Ignored(name); ok && why != "" {
			log.Warn("this key has no effect", "key", name, "reason", why)
		}
	}
}
