package kafka

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/memory"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Role is what a client is for, which decides what keys it has.
type Role int

// The roles.
const (
	// Admin asks brokers and changes topics. Its keys are those of every client.
	Admin Role = iota
	// Producer writes.
	Producer
	// Consumer reads as a member of a group.
	Consumer
	// Stream reads and writes as a thread of a stream app. The app decides the
	// group, its static members and the isolation level, so it has no such keys.
	Stream
)

// roles are built once. They never change.
var roles = [...]struct {
	def     *config.Def
	options func(config.Values, *memory.Budget) []kgo.Opt
	rules   []rule
}{
	Admin:    {config.New(commonKeys()...), commonOptions, nil},
	Producer: {config.New(slices.Concat(commonKeys(), producerKeys())...), producerOptions, []rule{deliveryRule}},
	Consumer: {config.New(slices.Concat(commonKeys(), consumerKeys(), memberKeys(), fetchKeys())...), consumerOptions,
		[]rule{heartbeatRule}},
	Stream: {config.New(streamKeys()...), streamOptions, []rule{deliveryRule, heartbeatRule}},
}

// Def returns the keys of the role, by Kafka's names and without a prefix. It is
// the same at each call.
func (r Role) Def() *config.Def { return roles[r].def }

// ParseShared reads properties that several kinds of clients share, as a file for commands does:
// keys of other roles have no effect, and so have keys that no client has, unless they seem to be
// misspelt. The error is a [config.Errors] of every key that is wrong.
func (r Role) ParseShared(props map[string]string) (config.Values, error) {
	v, err := r.Def().Parse(props)
	var errs config.Errors
	errors.As(err, &errs)
	for _, e := range r.Def().UnknownErrors(props) {
		if strings.HasSuffix(e.Message, "?") && !known(e.Key) { // of others there is no key it could be
			errs = append(errs, e)
		}
	}
	return v, errs.OrNil()
}

// known reports whether any role has a key.
func known(name string) bool {
	for _, r := range roles {
		if _, ok := r.def.Key(name); ok {
			return true
		}
	}
	return false
}

// Options returns the options of the client that the values stand for. They are
// values of r's Def, or of a Def that has its keys. Files of certificates are
// read at each call.
//
// The budget of the process, which may be nil, decides how large the client's fetches
// and buffers are where the values do not say it, and what the batches that it reads may
// take once they are decompressed, see [TooLarge]. Clients that are made with the
// options of one call count as one in that; make the options of each client anew.
//
// Everything that the client could refuse later is found here, so that what can
// never work is an error of the configuration: the error is a [config.Errors] of
// every key that is wrong. In place of a value that Kafka accepts and the client
// does not, the nearest one that the client accepts is used; the doc of the key says
// so.
func (r Role) Options(v config.Values, b *memory.Budget) ([]kgo.Opt, error) {
	opts, err := r.Renewed(v, b)
	if err != nil {
		return nil, err
	}
	if err := kgo.ValidateOpts(opts...); err != nil {
		return nil, fmt.Errorf("configure the kafka client: %w", err)
	}
	return opts, nil
}

// Renewed returns what Options does, for values that Options has accepted before: it
// leaves to the client what the client checks itself. That check is a good part of what
// making a client costs.
func (r Role) Renewed(v config.Values, b *memory.Budget) ([]kgo.Opt, error) {
	opts, errs := securityOptions(v)
	for _, check := range roles[r].rules {
		errs = append(errs, check(v)...)
	}
	if err := errs.OrNil(); err != nil {
		return nil, err
	}
	return append(opts, roles[r].options(v, b)...), nil
}

// rule checks several keys against each other.
type rule func(config.Values) config.Errors

// heartbeatRule holds for members of a group.
func heartbeatRule(v config.Values) (errs config.Errors) {
	heartbeat, session := v.Int("heartbeat.interval.ms"), v.Int("session.timeout.ms")
	if heartbeat >= session {
		errs = append(errs, config.Errorf("heartbeat.interval.ms", fmt.Sprint(heartbeat),
			"must be smaller than session.timeout.ms (%d)", session))
	}
	return errs
}

// deliveryRule holds for producers, as in Kafka.
func deliveryRule(v config.Values) (errs config.Errors) {
	if !v.IsSet("delivery.timeout.ms") {
		return nil // Kafka then adjusts it
	}
	delivery, linger, request := v.Long("delivery.timeout.ms"), v.Long("linger.ms"), v.Long("request.timeout.ms")
	if delivery < min(min(linger, math.MaxInt32)+request, math.MaxInt32) {
		errs = append(errs, config.Errorf("delivery.timeout.ms", fmt.Sprint(delivery),
			"must not be smaller than linger.ms (%d) and request.timeout.ms (%d) together", linger, request))
	}
	return errs
}

// streamKeys are the keys of the client of a stream thread. Some have the
// defaults of Kafka Streams.
func streamKeys() []config.Key {
	keys := slices.Concat(commonKeys(), resetKeys(), memberKeys(), fetchKeys(), producerKeys())
	for i := range keys {
		switch k := &keys[i]; k.Name {
		case "max.poll.records":
			k.Default = 4000
			k.Doc = "The most records that are handed on at a time; more than Kafka Streams' 1000, as a poll costs the same " +
				"however much it returns."
		case "transaction.timeout.ms":
			k.Default, k.Valid = 10000, config.AtLeast(1000)
			k.Doc = "When the broker aborts the transaction of a thread that is silent; as short as in Kafka Streams, because " +
				"readers wait for it."
		case "heartbeat.interval.ms":
			k.Doc = "How often a member tells the group that it is alive and hears of rebalances; must be smaller than " +
				"session.timeout.ms. A stream thread does so every 200 ms, so that only smaller values change something: " +
				"all members wait for the one that hears last."
		}
	}
	return keys
}

// streamOptions are the options of the client of a stream thread, except those
// of the group and its offsets, which the app knows.
func streamOptions(v config.Values, b *memory.Budget) []kgo.Opt {
	return slices.Concat(commonOptions(v, b), memberOptions(v), fetchOptions(v, b), writeOptions(v, b))
}
