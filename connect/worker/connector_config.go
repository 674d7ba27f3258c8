package worker

import (
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
)

// The values of errors.tolerance.
const (
	toleranceNone = "none"
	toleranceAll  = "all"
)

const (
	groupCommon = "Common"
	groupErrors = "Error Handling"
	groupDLQ    = "Dead letter queue"
)

// converterKeys are a worker's, where key and value converter are required, or
// a connector's.
func converterKeys(required bool) []config.Key {
	header := config.Key{Name: "header.converter", Type: config.Class, Importance: config.Low, Group: groupCommon,
		Valid: headerConverters(), Doc: "Class that converts record headers."}
	if required {
		header.Default = simpleHeaderConverter
	}
	return []config.Key{
		{Name: "key.converter", Type: config.Class, Required: required, Importance: config.Low, Group: groupCommon,
			Doc: "Class that converts record keys."},
		{Name: "value.converter", Type: config.Class, Required: required, Importance: config.Low, Group: groupCommon,
			Doc: "Class that converts record values."},
		header,
	}
}

func connectorKeys() []config.Key {
	keys := []config.Key{
		{Name: "name", Type: config.String, Required: true, Valid: config.NonEmpty(), Group: groupCommon,
			Doc: "Name of the connector, unique in the worker."},
		{Name: "connector.class", Type: config.String, Required: true, Group: groupCommon,
			Doc: "Class of the connector or an alias."},
		{Name: "tasks.max", Type: config.Int, Default: 1, Valid: config.AtLeast(1), Group: groupCommon,
			Doc: "How many tasks to make at most."},
		{Name: "tasks.max.enforce", Type: config.Boolean, Default: true, Importance: config.Low, Group: groupCommon,
			Doc: "Not used: a connector never gets more tasks than tasks.max."},
		{Name: "transforms", Type: config.List, Default: "", Importance: config.Low, Group: "Transforms",
			Doc: "Aliases of the transforms to apply, in order."},
		{Name: "predicates", Type: config.List, Default: "", Importance: config.Low, Group: "Predicates",
			Doc: "Aliases of the predicates that transforms use."},
	}
	keys = append(keys, converterKeys(false)...)
	return append(keys, errorKeys()...)
}

func errorKeys() []config.Key {
	medium := config.Medium
	return []config.Key{
		{Name: "errors.retry.timeout", Type: config.Long, Default: 0, Importance: medium, Group: groupErrors,
			Doc: "How long to retry a failed conversion or transform that may heal, in milliseconds, before the task starts again; " +
				"-1 is for ever. Such a record is never a dead letter."},
		{Name: "errors.retry.delay.max.ms", Type: config.Long, Default: 60000, Valid: config.AtLeast(1), Importance: medium,
			Group: groupErrors, Doc: "The longest pause between two tries."},
		{Name: "errors.tolerance", Type: config.String, Default: toleranceNone, Importance: medium, Group: groupErrors,
			Valid: config.OneOf(true, toleranceNone, toleranceAll),
			Doc:   "none stops the task at a bad record, all passes it over or sends it to the dead letter queue."},
		{Name: "errors.log.enable", Type: config.Boolean, Default: false, Importance: medium, Group: groupErrors,
			Doc: "Whether to log each bad record that is tolerated."},
		{Name: "errors.log.include.messages", Type: config.Boolean, Default: false, Importance: medium, Group: groupErrors,
			Doc: "Whether the log shows where the record came from."},
		{Name: "errors.restart.delay.ms", Type: config.Long, Default: 1000, Valid: config.AtLeast(1), Importance: medium,
			Group: groupErrors, Doc: "Pause before a failed task is started again; it doubles with each failure."},
		{Name: "errors.restart.delay.max.ms", Type: config.Long, Default: 60000, Valid: config.AtLeast(1), Importance: medium,
			Group: groupErrors, Doc: "The longest pause before a failed task is started again."},
		{Name: "errors.restart.max", Type: config.Int, Default: -1, Valid: config.AtLeast(-1), Importance: medium,
			Group: groupErrors, Doc: "How often a failing task is started again; -1 is for ever, 0 is Kafka Connect's way."},
		{Name: "errors.deadletterqueue.topic.name", Type: config.String, Default: "", Importance: medium, Group: groupDLQ,
			Doc: "Topic for bad records under errors.tolerance=all; it is made when missing. Empty drops them."},
		{Name: "errors.deadletterqueue.topic.replication.factor", Type: config.Short, Default: 3, Importance: medium,
			Group: groupDLQ, Valid: config.AtLeast(-1),
			Doc: "Replicas of the dead letter topic when it is made; -1 is the broker's default."},
		{Name: "errors.deadletterqueue.context.headers.enable", Type: config.Boolean, Default: true, Importance: medium,
			Group: groupDLQ, Doc: "Whether dead letters tell origin and reason in their headers."},
	}
}

func sinkKeys() []config.Key {
	return []config.Key{
		{Name: "topics", Type: config.List, Default: "", Group: groupCommon, Doc: "Topics to read, with commas between."},
		{Name: "topics.regex", Type: config.String, Default: "", Valid: isRegexp(), Group: groupCommon,
			Doc: "Pattern of the topics to read, instead of topics."},
	}
}

const (
	boundaryPoll     = "poll"
	boundaryInterval = "interval"
)

func sourceKeys() []config.Key {
	medium := config.Medium
	return []config.Key{
		{Name: "topic.creation.default.replication.factor", Type: config.Short,
			Importance: medium, Group: "Topic Creation",
			Valid: config.AtLeast(-1), Doc: "Replicas of topics that are made; -1 is the broker's default."},
		{Name: "topic.creation.default.partitions", Type: config.Int, Importance: medium, Group: "Topic Creation",
			Valid: config.AtLeast(-1), Doc: "Partitions of topics that are made; -1 is the broker's default."},
		{Name: "exactly.once.support", Type: config.String, Default: "requested", Importance: medium,
			Group: "Exactly Once Support", Valid: config.OneOf(true, "requested", "required"),
			Doc: "required refuses to run without exactly.once.source.support=enabled in the worker."},
		{Name: "transaction.boundary", Type: config.String, Default: boundaryPoll, Importance: medium,
			Group: "Exactly Once Support", Valid: config.OneOf(true, boundaryPoll, boundaryInterval),
			Doc: "Whether each poll makes a transaction, or each transaction.boundary.interval.ms."},
		{Name: "transaction.boundary.interval.ms", Type: config.Long, Importance: config.Low,
			Group: "Exactly Once Support", Valid: config.AtLeast(1),
			Doc: "Length of a transaction with transaction.boundary=interval; offset.flush.interval.ms when unset, " +
				"and half of the producer's transaction.timeout.ms at most."},
	}
}

func isRegexp() config.Validator {
	return config.Func("regular expression", func(v any) error {
		if _, err := regexp.Compile(fmt.Sprint(v)); err != nil {
			return fmt.Errorf("is no regular expression: %w", err)
		}
		return nil
	})
}

// ConnectorType is source or sink.
type ConnectorType string

// The types of connectors, by Kafka Connect's names.
const (
	SourceType ConnectorType = "source"
	SinkType   ConnectorType = "sink"
)

// connectorConfig is a connector's parsed configuration.
type connectorConfig struct {
	kind   ConnectorType
	info   connect.Info
	source *connect.SourcePlugin
	sink   *connect.SinkPlugin
	values config.Values
	own    config.Values // of the keys that the plugin declares
	props  map[string]string
	parts  *parts
}

func (c *connectorConfig) name() string { return c.values.String("name") }

// findConnector finds the plugin that connector.class names.
func (w *Worker) findConnector(props map[string]string) (*connectorConfig, error) {
	class := strings.TrimSpace(props["connector.class"])
	if class == "" {
		//nolint:staticcheck // the sentence is Kafka's
		return nil, fmt.Errorf("Connector config %s contains no connector type", shownMap(props))
	}
	for i := range w.plugins.Sources {
		if p := &w.plugins.Sources[i]; p.Is(class) {
			return &connectorConfig{kind: SourceType, info: p.Info, source: p, props: props}, nil
		}
	}
	for i := range w.plugins.Sinks {
		if p := &w.plugins.Sinks[i]; p.Is(class) {
			return &connectorConfig{kind: SinkType, info: p.Info, sink: p, props: props}, nil
		}
	}
	//nolint:staticcheck // the sentence is Kafka's
	return nil, fmt.Errorf("Failed to find any class that implements Connector and which name matches %s, "+
		"available connectors are: %s", class, strings.Join(w.connectorClasses(), ", "))
}

func (w *Worker) connectorClasses() []string {
	var out []string
	for _, p := range w.plugins.Sinks {
		out = append(out, p.Class)
	}
	for _, p := range w.plugins.Sources {
		out = append(out, p.Class)
	}
	sort.Strings(out)
	return out
}

// shownMap prints the keys of a configuration; values may be secrets.
func shownMap(props map[string]string) string {
	keys := make([]string, 0, len(props))
	for k := range props {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return "{" + strings.Join(keys, ", ") + "}"
}

// def merges the runtime's keys with the plugin's own; where both declare a
// key the runtime's holds.
func (c *connectorConfig) def() *config.Def {
	keys := connectorKeys()
	if c.kind == SinkType {
		keys = append(keys, sinkKeys()...)
	} else {
		keys = append(keys, sourceKeys()...)
	}
	known := names(keys)
	if c.info.Def != nil {
		for _, k := range c.info.Def.Keys() {
			if !slices.Contains(known, k.Name) {
				keys = append(keys, k)
			}
		}
	}
	return config.New(keys...)
}

// parseConnector checks a connector's configuration. The errors are all that
// is wrong with it; the second error says that the connector is not known.
func (w *Worker) parseConnector(props map[string]string) (*connectorConfig, config.Errors, error) {
	c, err := w.findConnector(props)
	if err != nil {
		return nil, nil, err
	}
	def := c.def()
	values, perr := def.Parse(props)
	errs := asErrors(perr)
	c.values = values
	if perr == nil {
		errs = append(errs, c.checkAcrossKeys(w.cfg)...)
	}
	parts, perrs := w.buildParts(c)
	c.parts = parts
	errs = append(errs, perrs...)
	errs = append(errs, c.checkOverrides(w.cfg)...)
	errs = append(errs, c.checkUnknown(def)...)
	return c, errs, nil
}

func (c *connectorConfig) checkAcrossKeys(worker *Config) config.Errors {
	var errs config.Errors
	def := c.info.Def
	if def == nil {
		def = config.New()
	}
	var err error
	if c.own, err = def.Parse(c.props); err == nil && c.info.Validate != nil {
		errs = append(errs, c.info.Validate(c.own)...)
	}
	if c.kind == SourceType {
		return append(errs, c.checkSource(worker)...)
	}
	topics, pattern := c.values.List("topics"), c.values.String("topics.regex")
	switch {
	case len(topics) == 0 && pattern == "":
		errs = append(errs, config.Errorf("topics", "", "Must configure one of topics or topics.regex"))
	case len(topics) > 0 && pattern != "":
		errs = append(errs, config.Errorf("topics", strings.Join(topics, ","),
			"topics and topics.regex are mutually exclusive options, but both are set."))
	}
	if dlq := c.values.String("errors.deadletterqueue.topic.name"); dlq != "" && slices.Contains(topics, dlq) {
		errs = append(errs, config.Errorf("errors.deadletterqueue.topic.name", dlq,
			"has a topic that is also in topics, so that dead letters would come back"))
	}
	return errs
}

func (c *connectorConfig) checkSource(worker *Config) config.Errors {
	var errs config.Errors
	replicas, parts := "topic.creation.default.replication.factor", "topic.creation.default.partitions"
	for _, pair := range [][2]string{{replicas, parts}, {parts, replicas}} {
		if c.values.IsSet(pair[0]) && !c.values.IsSet(pair[1]) {
			errs = append(errs, config.Errorf(pair[1], "", "must be set together with %s", pair[0]))
		}
	}
	if strings.EqualFold(c.values.String("exactly.once.support"), "required") && !worker.exactlyOnce() {
		errs = append(errs, config.Errorf("exactly.once.support", "required",
			"the worker does not run with exactly.once.source.support=enabled"))
	}
	return errs
}

// overridePrefixes are the prefixes of client keys in a connector's
// configuration, by role.
var overridePrefixes = map[string]string{
	"producer.": "producer.override.", "consumer.": "consumer.override.", "admin.": "admin.override."}

func (c *connectorConfig) checkOverrides(worker *Config) config.Errors {
	var errs config.Errors
	for _, role := range rolePrefixes {
		prefix := overridePrefixes[role]
		if len(under(c.props, prefix)) == 0 {
			continue
		}
		if unknown := unknownUnder(c.props, prefix, roleDef(role)); len(unknown) > 0 {
			errs = append(errs, unknown...)
			continue
		}
		if _, err := worker.clientOptions(role, c.props, prefix); err != nil {
			errs = append(errs, withPrefix(prefix, err)...)
		}
	}
	return errs
}

func (c *connectorConfig) checkUnknown(def *config.Def) config.Errors {
	var errs config.Errors
	prefixes := []string{"producer.override.", "consumer.override.", "admin.override.",
		"key.converter.", "value.converter.", "header.converter.", "transforms.", "predicates."}
	if c.kind == SourceType {
		prefixes = append(prefixes, "topic.creation.default.")
	}
	for _, name := range def.Unknown(c.props, prefixes...) {
		errs = append(errs, config.UnknownKey(name, names(def.Keys())))
	}
	return errs
}
