package routers

import (
	"fmt"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/javatime"
	"github.com/suiro/suiro/transforms/internal/smt"
)

var _ connect.Transform = (*TimestampRouter)(nil)

// TimestampRouter makes a topic of the topic and the timestamp of a record, in UTC.
type TimestampRouter struct {
	topic     string
	timestamp *javatime.Format
}

// TimestampRouterConfig is the configuration of a [TimestampRouter].
type TimestampRouterConfig struct {
	// Topic is the new topic; ${topic} stands for the old one, ${timestamp} for the
	// time.
	Topic string `config:"topic.format" default:"${topic}-${timestamp}" valid:"nonempty" doc:"The new topic; ${topic} stands for the old one and ${timestamp} for the timestamp of the record."`
	// Timestamp is a pattern of SimpleDateFormat.
	Timestamp string `config:"timestamp.format" default:"yyyyMMdd" doc:"Pattern of SimpleDateFormat for the timestamp, in UTC."`
}

// TimestampRouterPlugin describes TimestampRouter as a worker loads it.
func TimestampRouterPlugin() connect.TransformPlugin {
	return smt.Plugin("TimestampRouter", "Changes the topic of records by their timestamp.", timestampRouterDef(), nil,
		NewTimestampRouter)
}

func timestampRouterDef() *config.Def {
	return config.For[TimestampRouterConfig]().Change("timestamp.format", func(k *config.Key) {
		k.Valid = config.Func("pattern of SimpleDateFormat", func(v any) error {
			_, err := javatime.Compile(fmt.Sprint(v))
			return err
		})
	})
}

// NewTimestampRouter returns a TimestampRouter, or an error about the pattern.
func NewTimestampRouter(c TimestampRouterConfig) (*TimestampRouter, error) {
	f, err := javatime.Compile(c.Timestamp)
	if err != nil {
		return nil, err
	}
	return &TimestampRouter{c.Topic, f}, nil
}

// Apply changes the topic of r. A record without a timestamp is an error.
func (t *TimestampRouter) Apply(r *connect.Record) (*connect.Record, error) {
	if r.Timestamp.IsZero() {
		return nil, fmt.Errorf("the record for topic %.249s has no timestamp to make a topic of", r.Topic)
	}
	at := string(t.timestamp.Append(nil, r.Timestamp))
	topic := strings.NewReplacer("${topic}", r.Topic, "${timestamp}", at).Replace(t.topic)
	return renamed(r, []byte(topic), "topic.format and timestamp.format")
}
