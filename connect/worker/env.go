package worker

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/twmb/franz-go/pkg/kgo"
)

// env is what a life of a task works with.
type env struct {
	worker    *Worker
	conn      *plan.Connector
	self      *Task
	id        int
	taskConf  config.Values
	counts    *counters
	logger    *slog.Logger
	tolerance tolerance
	chain     chain
	key       connect.Converter
	value     connect.Converter
	header    headers

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

func (w *Worker) newEnv(c *plan.Connector, t *Task, own config.Values) *env {
	e := &env{
		worker: w, conn: c, self: t, id: t.ID, taskConf: own, counts: &t.counts, logger: t.logger,
		tolerance:     tolerance{c.Tolerance, &t.counts, t.logger},
		chain:         c.Chain,
		key:           stagedConverter{c.Key.Converter, KeyConverter, c.Key.Class},
		value:         stagedConverter{c.Value.Converter, ValueConverter, c.Value.Class},
		header:        headers{c.Header},
		flushInterval: w.cfg.FlushInterval,
		flushTimeout:  w.cfg.FlushTimeout,
		graceful:      w.cfg.GracefulTimeout,
		retryFirst:    300 * time.Millisecond,
	}
	if c.Type == plan.Sink {
		e.setGroup(c.Subscription)
	}
	return e
}

func (e *env) setGroup(s *plan.Subscription) {
	e.group = s.Group
	e.maxPoll = s.MaxPollRecords
	e.groupOpts = []kgo.Opt{kgo.ConsumerGroup(e.group)}
	if id := s.InstancePrefix; id != "" {
		e.instance = fmt.Sprintf("%s-%d", id, e.id) // tasks are members of their own
		e.groupOpts = append(e.groupOpts, kgo.InstanceID(e.instance))
	}
}

// clientID names the client in the brokers' logs, as Kafka Connect does.
func (e *env) clientID() kgo.Opt {
	return kgo.ClientID(fmt.Sprintf("connector-%s-%s-%d", e.conn.Type, e.conn.Name, e.id))
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
