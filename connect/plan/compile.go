package plan

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan/internal/below"
	"github.com/suiro/suiro/connect/plan/internal/foreign"
	"github.com/suiro/suiro/connect/plan/internal/keys"
	"github.com/suiro/suiro/connect/plan/internal/lookup"
	"github.com/suiro/suiro/connect/plan/internal/providers"
	"github.com/suiro/suiro/internal/javaregex"
)

// Compile compiles a connector's properties for a worker, whose config providers
// resolve the references in them. The errors are all that is wrong with them, and
// hold nothing that was resolved. The last result says that the connector's class is
// not known, so that its own keys could not be checked, and what is wrong with the
// others. Without any of them the caller starts the plan or closes it.
func Compile(w *Worker, plugins connect.Plugins, props map[string]string) (*Connector, config.Errors, error) {
	resolved, unresolved := w.providers.Resolve(props)
	c := newCompiler(w, plugins, resolved.Props)
	c.out.Props = maps.Clone(props)
	own, err := c.findPlugin()
	if err != nil {
		return nil, nil, c.withoutClass(err, resolved, unresolved)
	}
	c.parseRuntime()
	c.parsePlugin(own)
	c.makeParts()
	c.checkInternalTopics()
	if c.out.Type == Source {
		c.makeRecords()
	} else {
		c.makeSubscription()
	}
	c.checkUnknown(own)
	c.out.closers, c.out.Warnings = c.closers, c.warnings
	c.watch(w.providers, resolved)
	c.out.secrets = c.findSecrets(own, props, resolved)
	c.refuse(c.out.secrets.Shown()...)
	errs := c.out.secrets.HideErrors(append(w.resolved.Hide(resolved.Hide(c.errs)), unresolved...))
	if len(errs) > 0 {
		_ = c.out.Close() // the errors of the configuration are what counts
		return nil, errs, nil
	}
	return c.out, nil, nil
}

// watch lets the plan tell when its references stand for something else.
func (c *compiler) watch(set *providers.Set, resolved *providers.Resolved) {
	if c.valid && strings.EqualFold(c.runtime.String(keys.ReloadAction), keys.ReloadRestart) {
		c.out.ttl = resolved.TTL
	}
	written := c.out.Props
	c.out.renewed = func() bool {
		now, errs := set.Resolve(written)
		return len(errs) == 0 && !maps.Equal(now.Props, resolved.Props)
	}
}

// TypeOf returns the type of the connector whose class the properties name. The
// error says that there is no such class.
func TypeOf(plugins connect.Plugins, props map[string]string) (Type, error) {
	c := newCompiler(nil, plugins, props)
	_, err := c.findPlugin()
	return c.out.Type, err
}

// compiler collects what becomes of a connector's properties.
type compiler struct {
	parts
	runtime config.Values // of the runtime's keys
	valid   bool          // whether each of these is, so that rules across keys can be checked
	out     *Connector
}

func newCompiler(w *Worker, plugins connect.Plugins, props map[string]string) *compiler {
	return &compiler{out: &Connector{},
		parts: parts{findings: &findings{}, worker: w, plugins: plugins, props: props}}
}

// makeParts makes what does not depend on the connector's class.
func (c *compiler) makeParts() {
	c.out.Key = c.makeConverter("key.converter", true)
	c.out.Value = c.makeConverter("value.converter", false)
	c.out.Header = c.makeHeaderConverter()
	c.out.Chain = makeChain(&c.parts, c.runtime, c.out.Type)
	c.checkOverrides()
	c.out.Producer = c.makeClient(producerRole)
}

// withoutClass adds what is wrong with the keys that every connector has to the
// error of one whose class is not known.
func (c *compiler) withoutClass(err error, resolved *providers.Resolved, unresolved config.Errors) error {
	err = errors.New(resolved.HideText(err.Error()))
	if strings.TrimSpace(c.props[keyClass]) == "" {
		return err
	}
	c.out.Type = c.guessType()
	c.parseRuntime()
	c.makeParts()
	c.out.closers = c.closers
	_ = c.out.Close() // the errors are what counts
	hidden := c.findSecrets(connect.Info{}, c.out.Props, resolved)
	errs := hidden.HideErrors(append(c.worker.resolved.Hide(resolved.Hide(c.errs)), unresolved...))
	if len(errs) == 0 {
		return err
	}
	return fmt.Errorf("%w\n%w", err, errs)
}

// guessType is the type of a connector whose class is not known.
func (c *compiler) guessType() Type {
	if c.props["topics"] != "" || c.props["topics.regex"] != "" {
		return Sink
	}
	return Source
}

// findPlugin finds the plugin that connector.class names.
func (c *compiler) findPlugin() (connect.Info, error) {
	class := strings.TrimSpace(c.props["connector.class"])
	if class == "" {
		//nolint:staticcheck // the sentence is Kafka's; values may be secrets, so it shows the keys only
		return connect.Info{}, fmt.Errorf("Connector config {%s} contains no connector type: set connector.class",
			strings.Join(sortedKeys(c.props), ", "))
	}
	if p, info, ok := lookup.Sources(c.plugins).Find(class); ok {
		c.out.Type, c.out.NewSource = Source, p.New
		return c.found(info), nil
	}
	if p, info, ok := lookup.Sinks(c.plugins).Find(class); ok {
		c.out.Type, c.out.NewSink = Sink, p.New
		return c.found(info), nil
	}
	return connect.Info{}, lookup.Connectors(c.plugins).NoConnector(class)
}

func (c *compiler) found(info connect.Info) connect.Info {
	c.out.Class, c.out.Version = info.Class, info.Version
	c.out.TaskClass = lookup.TaskClass(info, strings.TrimSpace(c.props[keyClass]))
	if info.Def == nil {
		info.Def = config.New()
	}
	return info
}

// parseRuntime reads the keys that every connector of the type has.
func (c *compiler) parseRuntime() {
	values, err := ConnectorDef(c.out.Type).Parse(c.props)
	c.refuse(asErrors(err)...)
	c.warn(values.Warnings("")...)
	c.runtime, c.valid = values, err == nil
	c.out.Name, c.out.MaxTasks = values.String("name"), values.Int("tasks.max")
	values.Decode(&c.out.Tolerance)
	values.Decode(&c.out.Restarts)
	c.out.Tolerance.All = strings.EqualFold(values.String("errors.tolerance"), keys.ToleranceAll)
	const useless = " has no effect: with errors.tolerance=none a bad record stops the task; set errors.tolerance=all"
	switch topic := values.String(keys.DeadLetterTopic); {
	case topic != "" && c.out.Tolerance.All:
		c.out.DeadLetters = &DeadLetters{}
		values.Decode(c.out.DeadLetters)
	case topic != "":
		c.warn(keys.DeadLetterTopic + useless)
	}
	if c.out.Tolerance.Limit > 0 && !c.out.Tolerance.All {
		c.warn(keys.ToleranceLimit + useless)
	}
}

// parsePlugin reads the keys that the plugin declares. Of a key that the runtime
// declares as well, the runtime has told what is wrong.
func (c *compiler) parsePlugin(own connect.Info) {
	values, err := own.Def.Parse(c.props)
	runtime := ConnectorDef(c.out.Type)
	for _, e := range asErrors(err) {
		if _, twice := runtime.Key(e.Key); !twice {
			c.refuse(e)
		}
	}
	c.warn(values.Warnings("")...)
	c.out.Values = values
	if err == nil {
		c.refuse(asErrors(validate(own, values))...)
	}
}

// makeClient makes a client. The worker has reported what is wrong with its own
// keys, so every error is about the connector's.
func (c *compiler) makeClient(r role) Client {
	client, errs := newClient(r, c.worker.props, c.props, c.worker.Memory)
	c.refuse(below.Errors(r.override, errs.OrNil())...)
	return client
}

func (c *compiler) makeRecords() {
	if !c.valid {
		return
	}
	creation, errs := topicCreation(c.runtime, c.props, c.worker.TopicCreation)
	c.refuse(errs...)
	if strings.EqualFold(c.runtime.String("exactly.once.support"), "required") && !c.worker.ExactlyOnce {
		c.refuse(config.Errorf("exactly.once.support", "required",
			"the worker does not run with exactly.once.source.support=enabled"))
	}
	r := &SourceRecords{Creation: creation, ExactlyOnce: c.worker.ExactlyOnce,
		TransactionalIDPrefix: c.worker.GroupID + "-" + c.out.Name + "-"}
	if len(c.errs) == 0 {
		r.TransactionTimeout = c.out.Producer.values.Millis("transaction.timeout.ms")
		r.OffsetTopic = offsetTopic(&c.parts, c.runtime, c.out.Producer)
	}
	switch interval := "transaction.boundary.interval.ms"; {
	case !strings.EqualFold(c.runtime.String("transaction.boundary"), keys.BoundaryInterval):
	case c.runtime.IsSet(interval):
		r.TransactionInterval = c.runtime.Millis(interval)
	default:
		r.TransactionInterval = c.worker.FlushInterval
	}
	r.TransactionInterval = min(r.TransactionInterval, r.TransactionTimeout/2) // the rest is for its end
	c.out.Records = r
}

func (c *compiler) makeSubscription() {
	s := &Subscription{Topics: c.runtime.List("topics"), Consumer: c.makeClient(consumerRole)}
	if !c.valid {
		return
	}
	pattern := c.runtime.String("topics.regex")
	switch {
	case len(s.Topics) == 0 && pattern == "":
		c.refuse(config.Errorf("topics", "", "Must configure one of topics or topics.regex"))
	case len(s.Topics) > 0 && pattern != "":
		c.refuse(config.Errorf("topics", strings.Join(s.Topics, ","),
			"topics and topics.regex are mutually exclusive options, but both are set."))
	case pattern != "":
		var err error
		if s.Pattern, err = javaregex.Whole(pattern); err != nil {
			c.refuse(config.Errorf("topics.regex", pattern, "%v", err))
		}
	}
	c.checkCircle(s)
	if len(c.errs) == 0 {
		v := s.Consumer.values
		s.Group = cmp.Or(v.String("group.id"), "connect-"+c.out.Name)
		s.InstancePrefix = v.String("group.instance.id")
		s.MaxPollRecords = v.Int("max.poll.records")
		s.CreateTopics = v.Bool("allow.auto.create.topics")
		c.checkGroup(s.Group)
	}
	c.out.Subscription = s
}

// checkGroup refuses a consumer group that is the group of the workers.
func (c *compiler) checkGroup(group string) {
	if c.worker.Distributed == nil || group != c.worker.GroupID {
		return
	}
	c.refuse(config.Errorf("name", c.out.Name, "Consumer group for sink connector named %s conflicts with Connect "+
		"worker group %s: give the connector another name, or consumer.override.group.id", c.out.Name, group))
}

// checkCircle refuses a subscription that brings dead letters back to the task
// that wrote them: each would be rejected again, as a longer one.
func (c *compiler) checkCircle(s *Subscription) {
	topic := c.runtime.String(keys.DeadLetterTopic)
	switch {
	case topic == "":
	case slices.Contains(s.Topics, topic):
		c.refuse(config.Errorf(keys.DeadLetterTopic, topic,
			"is also one of topics, so that dead letters would come back: name another topic"))
	case s.Pattern != nil && s.Pattern.MatchString(topic):
		c.refuse(config.Errorf(keys.DeadLetterTopic, topic,
			"matches topics.regex, so that dead letters would come back: name a topic that the pattern does not match"))
	}
}

// checkInternalTopics refuses dead letters in a topic that the worker keeps state in.
func (c *compiler) checkInternalTopics() {
	topic := c.runtime.String(keys.DeadLetterTopic)
	if key := internalTopic(c.worker, topic); topic != "" && key != "" {
		c.refuse(config.Errorf(keys.DeadLetterTopic, topic, "is the worker's %s: name another topic", key))
	}
}

// checkOverrides refuses client keys that no client has, or that the worker does not
// allow connectors to override.
func (c *compiler) checkOverrides() {
	for _, r := range roles {
		c.refuse(c.worker.overrides.Check(c.props, r.override)...)
		c.unknown(below.Undeclared(c.props, r.override, r.Def()), r.override, r.Def().Names(), nil, foreign.ToClients)
	}
	if len(below.Props(c.props, adminRole.override)) > 0 {
		c.makeClient(adminRole)
	}
}

// checkUnknown refuses keys that neither the runtime nor the plugin declares.
func (c *compiler) checkUnknown(own connect.Info) {
	runtime := ConnectorDef(c.out.Type)
	prefixes := []string{"key.converter.", "value.converter.", "header.converter.", "transforms.", "predicates."}
	for _, r := range roles {
		prefixes = append(prefixes, r.override)
	}
	if c.out.Type == Source {
		prefixes = append(prefixes, creationPrefix)
	}
	declared := append(runtime.Names(), own.Def.Names()...)
	var unknown config.Errors
	for _, name := range runtime.Unknown(c.props, prefixes...) {
		if _, ok := own.Def.Key(name); !ok {
			unknown = append(unknown, config.UnknownKey(name, declared))
		}
	}
	belongs := func(name string) string { return connectorKeyBelongs(name, c.out.Type) }
	c.unknown(unknown, "", own.Def.Names(), belongs, foreign.ToConnectors)
}
