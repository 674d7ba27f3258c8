package worker

import (
	"maps"
	"strings"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/twmb/franz-go/pkg/kgo"
)

// The values of exactly.once.source.support.
const (
	exactlyOnceDisabled  = "disabled"
	exactlyOncePreparing = "preparing"
	exactlyOnceEnabled   = "enabled"
)

// Def returns the keys of a standalone worker's configuration.
func Def() *config.Def {
	keys := append(kafka.Keys(), converterKeys(true)...)
	return config.New(append(keys, workerKeys()...)...)
}

func workerKeys() []config.Key {
	medium, low := config.Medium, config.Low
	return []config.Key{
		{Name: "group.id", Type: config.String, Default: "", Importance: medium,
			Doc: "Name of this worker's group; exactly-once sources make their transactional ids of it."},
		{Name: "offset.flush.interval.ms", Type: config.Long, Default: 60000, Valid: config.AtLeast(1), Importance: low,
			Doc: "How often offsets are committed."},
		{Name: "offset.flush.timeout.ms", Type: config.Long, Default: 5000, Valid: config.AtLeast(1), Importance: low,
			Doc: "How long a commit of offsets may take before it is tried anew."},
		{Name: "task.shutdown.graceful.timeout.ms", Type: config.Long, Default: 5000, Valid: config.AtLeast(0), Importance: low,
			Doc: "How long a stopping task may take to finish what it began."},
		{Name: "offset.storage.file.filename", Type: config.String, Default: "",
			Doc: "File that keeps source offsets; this or offset.storage.topic."},
		{Name: "offset.storage.topic", Type: config.String, Default: "",
			Doc: "Kafka topic that keeps source offsets; this or offset.storage.file.filename."},
		{Name: "offset.storage.partitions", Type: config.Int, Default: 25, Valid: config.AtLeast(1), Importance: low,
			Doc: "Partitions of offset.storage.topic when it is made."},
		{Name: "offset.storage.replication.factor", Type: config.Short, Default: 3, Valid: config.AtLeast(-1), Importance: low,
			Doc: "Replicas of offset.storage.topic when it is made; -1 is the broker's default."},
		{Name: "exactly.once.source.support", Type: config.String, Default: exactlyOnceDisabled, Importance: config.High,
			Valid: config.OneOf(true, exactlyOnceDisabled, exactlyOncePreparing, exactlyOnceEnabled),
			Doc: "enabled writes source records and their offsets in one transaction; " +
				"it needs group.id and offset.storage.topic."},
		{Name: "topic.creation.enable", Type: config.Boolean, Default: true, Importance: low,
			Doc: "Whether source connectors may make topics by their topic.creation. keys."},
		{Name: "listeners", Type: config.List, Default: "http://127.0.0.1:8083", Importance: low,
			Doc: "Address of the REST API, http://host:port."},
		{Name: "plugin.path", Type: config.List, Default: "", Importance: low,
			Doc: "Not used: plugins are part of the binary."},
	}
}

// rolePrefixes are the prefixes of client keys for one role.
var rolePrefixes = []string{"producer.", "consumer.", "admin."}

// Config is a worker's parsed configuration.
type Config struct {
	values config.Values
	props  map[string]string
}

// ParseConfig parses and checks a worker's properties. The error is a
// [config.Errors] of everything that is wrong.
func ParseConfig(props map[string]string) (*Config, error) {
	def := Def()
	values, err := def.Parse(props)
	errs := asErrors(err)
	c := &Config{values: values, props: maps.Clone(props)}
	errs = append(errs, c.checkUnknown(def)...)
	if len(errs) == 0 {
		errs = append(errs, c.checkClients()...)
		errs = append(errs, c.checkStorage()...)
	}
	if err := errs.OrNil(); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Config) checkUnknown(def *config.Def) config.Errors {
	prefixes := append([]string{"key.converter.", "value.converter.", "header.converter."}, rolePrefixes...)
	var errs config.Errors
	for _, name := range def.Unknown(c.props, prefixes...) {
		errs = append(errs, config.UnknownKey(name, names(def.Keys())))
	}
	for _, prefix := range rolePrefixes {
		errs = append(errs, unknownUnder(c.props, prefix, roleDef(prefix))...)
	}
	return errs
}

func (c *Config) checkClients() config.Errors {
	var errs config.Errors
	for _, role := range rolePrefixes {
		if _, err := c.clientOptions(role, nil, ""); err != nil {
			errs = append(errs, asErrors(err)...)
		}
	}
	return dedupe(errs)
}

func (c *Config) checkStorage() config.Errors {
	file, topic := c.values.String("offset.storage.file.filename"), c.values.String("offset.storage.topic")
	var errs config.Errors
	switch {
	case file == "" && topic == "":
		errs = append(errs, config.Errorf("offset.storage.file.filename", "", "set it, or offset.storage.topic"))
	case file != "" && topic != "":
		errs = append(errs, config.Errorf("offset.storage.file.filename", file,
			"cannot be set together with offset.storage.topic"))
	}
	if !c.exactlyOnce() {
		return errs
	}
	if topic == "" && file != "" {
		errs = append(errs, config.Errorf("offset.storage.file.filename", file,
			"exactly.once.source.support=enabled keeps offsets in a topic: set offset.storage.topic instead"))
	}
	if c.values.String("group.id") == "" {
		errs = append(errs, config.Errorf("group.id", "", "needed by exactly.once.source.support=enabled"))
	}
	return errs
}

func (c *Config) exactlyOnce() bool {
	return strings.EqualFold(c.values.String("exactly.once.source.support"), exactlyOnceEnabled)
}

// Listeners are the addresses of the REST API.
func (c *Config) Listeners() []string { return c.values.List("listeners") }

// clientOptions are the options of a client in a role ("producer.", …): the
// worker's keys, overridden by its keys under the role's prefix, overridden by
// the connector's under its override prefix.
func (c *Config) clientOptions(role string, connector map[string]string, override string) ([]kgo.Opt, error) {
	values, err := c.clientValues(role, connector, override)
	if err != nil {
		return nil, err
	}
	opts, err := kafka.Options(values)
	if err != nil {
		return nil, err
	}
	switch role {
	case "producer.":
		opts = append(opts, kafka.ProducerOptions(values)...)
	case "consumer.":
		opts = append(opts, kafka.ConsumerOptions(values)...)
	}
	return opts, nil
}

func (c *Config) clientValues(role string, connector map[string]string, override string) (config.Values, error) {
	props := map[string]string{}
	for _, k := range kafka.Keys() {
		if v, ok := c.props[k.Name]; ok {
			props[k.Name] = v
		}
	}
	maps.Copy(props, under(c.props, role))
	if override != "" {
		maps.Copy(props, under(connector, override))
	}
	return roleDef(role).Parse(props)
}

func roleDef(role string) *config.Def {
	switch role {
	case "producer.":
		return config.New(append(kafka.Keys(), kafka.ProducerKeys()...)...)
	case "consumer.":
		return config.New(append(kafka.Keys(), kafka.ConsumerKeys()...)...)
	}
	return config.New(kafka.Keys()...)
}

// under returns the properties below a prefix, without it.
func under(props map[string]string, prefix string) map[string]string {
	out := map[string]string{}
	for k, v := range props {
		if rest, ok := strings.CutPrefix(k, prefix); ok {
			out[rest] = v
		}
	}
	return out
}

// unknownUnder returns the errors for keys below prefix that def does not know.
func unknownUnder(props map[string]string, prefix string, def *config.Def) config.Errors {
	var errs config.Errors
	for _, name := range def.Unknown(under(props, prefix)) {
		e := config.UnknownKey(prefix+name, prefixed(prefix, names(def.Keys())))
		errs = append(errs, e)
	}
	return errs
}

func names(keys []config.Key) []string {
	out := make([]string, len(keys))
	for i := range keys {
		out[i] = keys[i].Name
	}
	return out
}

func prefixed(prefix string, list []string) []string {
	out := make([]string, len(list))
	for i := range list {
		out[i] = prefix + list[i]
	}
	return out
}
