package plan

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan/internal/foreign"
	"github.com/suiro/suiro/internal/javaregex"
)

// Compile compiles a connector's properties for a worker. The errors are all
// that is wrong with them. The last result says that the connector's class is
// not known, so that nothing else could be checked. Without any of them the
// caller starts the plan or closes it.
func Compile(w *Worker, plugins connect.Plugins, props map[string]string) (*Connector, config.Errors, error) {
	c := &compiler{worker: w, plugins: plugins, props: props, out: &Connector{Props: maps.Clone(props)}}
	own, err := c.findPlugin()
	if err != nil {
		return nil, nil, err
	}
	c.parseRuntime()
	c.parsePlugin(own)
	c.out.Key = c.makeConverter("key.converter", true)
	c.out.Value = c.makeConverter("value.converter", false)
	c.out.Header = c.makeHeaderConverter()
	c.makeChain()
	c.checkOverrides()
	c.out.Producer = c.makeClient(producerRole)
	if topic := c.runtime.String(keyDeadLetterTopic); topic != "" && topic == c.worker.OffsetTopic {
		c.errs = append(c.errs, config.Errorf(keyDeadLetterTopic, topic,
			"is the worker's offset.storage.topic: name another topic"))
	}
	if c.out.Type == Source {
		c.makeRecords()
	} else {
		c.makeSubscription()
	}
	c.checkUnknown(own)
	if len(c.errs) > 0 {
		_ = c.out.Close() // the errors of the configuration are what counts
		return nil, c.errs, nil
	}
	return c.out, nil, nil
}

// TypeOf returns the type of the connector whose class the properties name. The
// error says that there is no such class.
func TypeOf(plugins connect.Plugins, props map[string]string) (Type, error) {
	c := &compiler{plugins: plugins, props: props, out: &Connector{}}
	_, err := c.findPlugin()
	return c.out.Type, err
}

// compiler collects what becomes of a connector's properties.
type compiler struct {
	worker  *Worker
	plugins connect.Plugins
	props   map[string]string
	runtime config.Values // of the runtime's keys
	valid   bool          // whether each of these is, so that rules across keys can be checked
	out     *Connector
	errs    config.Errors
}

// findPlugin finds the plugin that connector.class names.
func (c *compiler) findPlugin() (connect.Info, error) {
	class := strings.TrimSpace(c.props["connector.class"])
	if class == "" {
		//nolint:staticcheck // the sentence is Kafka's; values may be secrets, so it shows the keys only
		return connect.Info{}, fmt.Errorf("Connector config {%s} contains no connector type",
			strings.Join(sortedKeys(c.props), ", "))
	}
	if p, info, ok := sources(c.plugins).find(class); ok {
		c.out.Type, c.out.NewSource = Source, p.New
		return c.found(info), nil
	}
	if p, info, ok := sinks(c.plugins).find(class); ok {
		c.out.Type, c.out.NewSink = Sink, p.New
		return c.found(info), nil
	}
	all := connectors(c.plugins)
	//nolint:staticcheck // the sentence is Kafka's
	return connect.Info{}, fmt.Errorf("Failed to find any class that implements Connector and which name matches %s, "+
		"%s", class, strings.Replace(all.offer(class), "vailable are", "vailable connectors are", 1))
}

func (c *compiler) found(info connect.Info) connect.Info {
	c.out.Class, c.out.Version = info.Class, info.Version
	if info.Def == nil {
		info.Def = config.New()
	}
	return info
}

// parseRuntime reads the keys that every connector of the type has.
func (c *compiler) parseRuntime() {
	values, err := ConnectorDef(c.out.Type).Parse(c.props)
	c.errs = append(c.errs, asErrors(err)...)
	c.runtime, c.valid = values, err == nil
	c.out.Name, c.out.MaxTasks = values.String("name"), values.Int("tasks.max")
	values.Decode(&c.out.Tolerance)
	values.Decode(&c.out.Restarts)
	c.out.Tolerance.All = strings.EqualFold(values.String("errors.tolerance"), toleranceAll)
	switch topic := values.String(keyDeadLetterTopic); {
	case topic == "":
	case c.out.Tolerance.All:
		c.out.DeadLetters = &DeadLetters{}
		values.Decode(c.out.DeadLetters)
	default:
		c.out.Warnings = append(c.out.Warnings, keyDeadLetterTopic+
			" has no effect: errors.tolerance is none, so that a bad record ends the task; set it to all")
	}
}

// parsePlugin reads the keys that the plugin declares. Of a key that the runtime
// declares as well, the runtime has told what is wrong.
func (c *compiler) parsePlugin(own connect.Info) {
	values, err := own.Def.Parse(c.props)
	runtime := ConnectorDef(c.out.Type)
	for _, e := range asErrors(err) {
		if _, twice := runtime.Key(e.Key); !twice {
			c.errs = append(c.errs, e)
		}
	}
	c.out.Values = values
	if err == nil {
		c.errs = append(c.errs, asErrors(validate(own, values))...)
	}
}

// parseOwn parses the keys below a plugin's prefix; of those that it does not
// declare the lists are accepted. ok is false when there were errors.
func (c *compiler) parseOwn(info connect.Info, props map[string]string, prefix string, lists ...[]foreign.Keys) (
	v config.Values, ok bool) {
	def := info.Def
	if def == nil {
		def = config.New()
	}
	before := len(c.errs)
	v, err := def.Parse(props)
	c.errs = append(c.errs, withPrefix(prefix, err)...)
	c.unknown(unknownErrors(props, prefix, def), prefix, def.Names(), lists...)
	if err == nil {
		c.errs = append(c.errs, withPrefix(prefix, validate(info, v))...)
	}
	return v, len(c.errs) == before
}

// validate asks a plugin about values whose types are right.
func validate(info connect.Info, v config.Values) error {
	if info.Validate == nil {
		return nil
	}
	_, err := protect(func() (any, error) { return nil, info.Validate(v).OrNil() })
	return err
}

// construct calls a plugin's New, whose keys have the prefix, and notes what is
// to be closed or what is wrong.
func construct[T any](c *compiler, prefix string, fn func() (T, error)) T {
	thing, err := protect(fn)
	if err != nil {
		c.errs = append(c.errs, withPrefix(prefix, err)...)
	} else if closer, ok := any(thing).(io.Closer); ok {
		c.out.closers = append(c.out.closers, closer)
	}
	return thing
}

// protect makes a panic of a plugin an error of the configuration it was given.
func protect[T any](fn func() (T, error)) (out T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return fn()
}

// converterProps returns the class that key names and the keys below it. A
// connector that names a class has only its own.
func (c *compiler) converterProps(key string) (class string, own map[string]string) {
	own = map[string]string{}
	class = strings.TrimSpace(c.props[key])
	if class == "" {
		class = c.worker.values.String(key)
		own = under(c.worker.props, key+".")
	}
	maps.Copy(own, under(c.props, key+"."))
	return class, own
}

func (c *compiler) makeConverter(key string, isKey bool) Converter {
	class, own := c.converterProps(key)
	p, info, ok := converters(c.plugins).find(class)
	if !ok {
		c.errs = append(c.errs, converters(c.plugins).missing(key, class))
		return Converter{}
	}
	v, ok := c.parseOwn(info, own, key+".", foreign.ToConverters, foreign.ToPlugins)
	if !ok {
		return Converter{}
	}
	conv := construct(c, key+".", func() (connect.Converter, error) { return p.New(v, isKey) })
	return Converter{conv, info.Class}
}

func (c *compiler) makeHeaderConverter() HeaderConverter {
	const key = "header.converter"
	class, own := c.converterProps(key)
	if len(c.plugins.HeaderConverters) == 0 && c.props[key] == "" && !c.worker.values.IsSet(key) {
		return HeaderConverter{rawHeaders{}, "rawHeaders"}
	}
	p, info, ok := headerConverters(c.plugins).find(class)
	if !ok {
		c.errs = append(c.errs, headerConverters(c.plugins).missing(key, class))
		return HeaderConverter{}
	}
	v, ok := c.parseOwn(info, own, key+".", foreign.ToConverters, foreign.ToPlugins)
	if !ok {
		return HeaderConverter{}
	}
	conv := construct(c, key+".", func() (connect.HeaderConverter, error) { return p.New(v) })
	return HeaderConverter{conv, info.Class}
}

// makeClient makes a client. The worker has reported what is wrong with its own
// keys, so every error is about the connector's.
func (c *compiler) makeClient(r role) Client {
	client, errs := newClient(r, c.worker.props, c.props)
	c.errs = append(c.errs, withPrefix(r.override, errs.OrNil())...)
	return client
}

func (c *compiler) makeRecords() {
	if !c.valid {
		return
	}
	creation, errs := topicCreation(c.runtime, c.props, c.worker.TopicCreation)
	c.errs = append(c.errs, errs...)
	if strings.EqualFold(c.runtime.String("exactly.once.support"), "required") && !c.worker.ExactlyOnce {
		c.errs = append(c.errs, config.Errorf("exactly.once.support", "required",
			"the worker does not run with exactly.once.source.support=enabled"))
	}
	r := &SourceRecords{Creation: creation, ExactlyOnce: c.worker.ExactlyOnce,
		TransactionalIDPrefix: c.worker.GroupID + "-" + c.out.Name + "-"}
	if len(c.errs) == 0 {
		r.TransactionTimeout = c.out.Producer.values.Millis("transaction.timeout.ms")
	}
	switch interval := "transaction.boundary.interval.ms"; {
	case !strings.EqualFold(c.runtime.String("transaction.boundary"), boundaryInterval):
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
		c.errs = append(c.errs, config.Errorf("topics", "", "Must configure one of topics or topics.regex"))
	case len(s.Topics) > 0 && pattern != "":
		c.errs = append(c.errs, config.Errorf("topics", strings.Join(s.Topics, ","),
			"topics and topics.regex are mutually exclusive options, but both are set."))
	case pattern != "":
		var err error
		if s.Pattern, err = javaregex.Whole(pattern); err != nil {
			c.errs = append(c.errs, config.Errorf("topics.regex", pattern, "%v", err))
		}
	}
	c.checkCircle(s)
	if len(c.errs) == 0 {
		v := s.Consumer.values
		s.Group = cmp.Or(v.String("group.id"), "connect-"+c.out.Name)
		s.InstancePrefix = v.String("group.instance.id")
		s.MaxPollRecords = v.Int("max.poll.records")
	}
	c.out.Subscription = s
}

// checkCircle refuses a subscription that brings dead letters back to the task
// that wrote them: each would be rejected again, as a longer one.
func (c *compiler) checkCircle(s *Subscription) {
	topic := c.runtime.String(keyDeadLetterTopic)
	switch {
	case topic == "":
	case slices.Contains(s.Topics, topic):
		c.errs = append(c.errs, config.Errorf(keyDeadLetterTopic, topic,
			"is also one of topics, so that dead letters would come back: name another topic"))
	case s.Pattern != nil && s.Pattern.MatchString(topic):
		c.errs = append(c.errs, config.Errorf(keyDeadLetterTopic, topic,
			"matches topics.regex, so that dead letters would come back: name a topic that the pattern does not match"))
	}
}

// checkOverrides refuses client keys that no client has.
func (c *compiler) checkOverrides() {
	for _, r := range roles {
		c.unknown(unknownUnder(c.props, r.override, r.Def()), r.override, r.Def().Names(), foreign.ToClients)
	}
	if len(under(c.props, adminRole.override)) > 0 {
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
	c.unknown(unknown, "", own.Def.Names(), foreign.ToConnectors)
}

// unknown notes keys that nobody declares, or that only others read. The names
// of the lists and the declared ones are without the prefix.
func (c *compiler) unknown(errs config.Errors, prefix string, declared []string, lists ...[]foreign.Keys) {
	warnings, refused := foreign.Accept(errs, prefix, declared, lists...)
	c.out.Warnings, c.errs = append(c.out.Warnings, warnings...), append(c.errs, refused...)
}
