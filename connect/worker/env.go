package worker

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/twmb/franz-go/pkg/kgo"
)

// env is what a life of a task works with.
type env struct {
	worker    *Worker
	conn      *connectorConfig
	self      *Task
	id        int
	taskConf  config.Values
	counts    *counters
	logger    *slog.Logger
	tolerance tolerance

	flushInterval time.Duration
	flushTimeout  time.Duration
	graceful      time.Duration
	retryFirst    time.Duration

	// of a sink's consumer
	group     string
	instance  string
	maxPoll   int
	groupOpts []kgo.Opt
}

func (w *Worker) newEnv(c *connectorConfig, t *Task, own config.Values) (*env, error) {
	e := &env{
		worker: w, conn: c, self: t, id: t.ID, taskConf: own, counts: &t.counts, logger: t.logger,
		tolerance:     toleranceOf(c.values, &t.counts, t.logger),
		flushInterval: w.cfg.values.Millis("offset.flush.interval.ms"),
		flushTimeout:  w.cfg.values.Millis("offset.flush.timeout.ms"),
		graceful:      w.cfg.values.Millis("task.shutdown.graceful.timeout.ms"),
		retryFirst:    300 * time.Millisecond,
	}
	if c.kind == SourceType {
		return e, nil
	}
	values, err := w.cfg.clientValues("consumer.", c.props, overridePrefixes["consumer."])
	if err != nil {
		return nil, err
	}
	e.setGroup(values)
	return e, nil
}

func (e *env) setGroup(values config.Values) {
	e.group = values.String("group.id")
	if e.group == "" {
		e.group = "connect-" + e.conn.name()
	}
	e.maxPoll = values.Int("max.poll.records")
	e.groupOpts = append(kafka.GroupOptions(values), kgo.ConsumerGroup(e.group))
	if id := values.String("group.instance.id"); id != "" {
		e.instance = fmt.Sprintf("%s-%d", id, e.id) // tasks are members of their own
		e.groupOpts = append(e.groupOpts, kgo.InstanceID(e.instance))
	}
}

// clientID names the client in the brokers' logs, as Kafka Connect does.
func (e *env) clientID() kgo.Opt {
	return kgo.ClientID(fmt.Sprintf("connector-%s-%s-%d", e.conn.kind, e.conn.name(), e.id))
}

func (e *env) kgoLogger() kgo.Opt { return kafka.Logger(e.logger) }

// payloadBytes are the bytes that a dead letter carries: those that came from
// Kafka, or the value itself when it is text or bytes.
func payloadBytes(p *connect.Payload) []byte {
	if raw := p.Bytes(); raw != nil {
		return raw
	}
	_, v, err := p.Decode()
	if err != nil {
		return nil
	}
	switch v := v.(type) {
	case nil:
		return nil
	case []byte:
		return v
	case string:
		return []byte(v)
	}
	return jsonBytes(v)
}

// jsonBytes is a last resort to show a value.
func jsonBytes(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		return []byte(fmt.Sprint(v))
	}
	return text
}
