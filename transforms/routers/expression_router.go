package routers

import (
	"errors"
	"fmt"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/javaregex"
	"github.com/suiro/suiro/transforms/internal/expression"
	"github.com/suiro/suiro/transforms/internal/smt"
)

var _ connect.Transform = (*ExpressionRouter)(nil)

// ExpressionRouter makes the topic of a record by an expression.
type ExpressionRouter struct {
	topic    *expression.Expression
	allowed  *javaregex.Pattern // nil for any name
	fallback string
}

// ExpressionRouterConfig is the configuration of an [ExpressionRouter].
type ExpressionRouterConfig struct {
	// Topic is an expression for the new topic, over topic, partition, offset,
	// timestamp, key, value and headers.
	Topic string `config:"topic.expression"`
	// Allowed is a regular expression of Java that the whole new topic must match, empty
	// for any name that Kafka allows.
	Allowed string `config:"allowed.regex"`
	// Fallback is the topic of records for which the expression gives none that is
	// allowed, empty to reject them.
	Fallback string `config:"fallback.topic"`
}

// ExpressionRouterPlugin describes ExpressionRouter as a worker loads it.
func ExpressionRouterPlugin() connect.TransformPlugin {
	p := smt.Plugin("ExpressionRouter", "Changes the topic of records by an expression, so that what is in a record "+
		"decides where it goes: to which topic, or in a sink to which index, folder or table.",
		expressionRouterDef(), nil, NewExpressionRouter)
	p.Class = "suiro.ExpressionRouter"
	return p
}

func expressionRouterDef() *config.Def {
	return config.New(
		config.Key{Name: "topic.expression", Type: config.String, Required: true,
			Valid: config.Func("expression", validExpression),
			Doc: "The new topic, as an expression over topic, partition, offset, timestamp, key, value and headers in the " +
				"language of expr-lang.org without now(), such as value.status >= 500 ? \"errors\" : topic, or \"app-\" + " +
				"value.app."},
		config.Key{Name: "allowed.regex", Type: config.String, Default: "", Importance: config.Medium,
			Valid: config.Func("regular expression", javaregex.ValidPattern),
			Doc: "Regular expression of Java that the whole new topic must match, such as app-(shop|blog), so that a record " +
				"cannot make up topics or indices; empty for any name that Kafka allows."},
		config.Key{Name: "fallback.topic", Type: config.String, Default: "", Importance: config.Medium,
			Valid: config.Func("empty or the name of a topic", validFallback),
			Doc: "Topic for records for which the expression fails, or gives null, no text, or a name that is not allowed; " +
				"empty rejects them."},
	)
}

func validExpression(v any) error {
	_, err := expression.Text(fmt.Sprint(v))
	return err
}

func validFallback(v any) error {
	if name := fmt.Sprint(v); name != "" && !isTopic([]byte(name)) {
		return errors.New("no name of a topic in Kafka: " + wantTopic)
	}
	return nil
}

// NewExpressionRouter returns an ExpressionRouter, or an error about an expression or
// the fallback.
func NewExpressionRouter(c ExpressionRouterConfig) (*ExpressionRouter, error) {
	e, err := expression.Text(c.Topic)
	if err != nil {
		return nil, err
	}
	if err := validFallback(c.Fallback); err != nil {
		return nil, err
	}
	t := &ExpressionRouter{topic: e, fallback: c.Fallback}
	if c.Allowed != "" {
		t.allowed, err = javaregex.ParsePattern(c.Allowed)
	}
	return t, err
}

// Apply changes the topic of r. An error of the converter stays one, whatever the
// fallback is.
func (t *ExpressionRouter) Apply(r *connect.Record) (*connect.Record, error) {
	v, err := t.topic.Run(r)
	var failed *expression.Error
	if err != nil && !errors.As(err, &failed) {
		return nil, err
	}
	var out *connect.Record
	if err == nil {
		out, err = t.routed(r, v)
	}
	if err != nil && t.fallback != "" {
		return renamed(r, []byte(t.fallback), "fallback.topic")
	}
	return out, err
}

// routed returns r with the topic v, or why that is none.
func (t *ExpressionRouter) routed(r *connect.Record, v any) (*connect.Record, error) {
	topic, ok := v.(string)
	if !ok {
		return nil, fmt.Errorf("topic %.249s becomes a value that is not text: check topic.expression", r.Topic)
	}
	out, err := renamed(r, []byte(topic), "topic.expression")
	if err != nil || t.allowed == nil {
		return out, err
	}
	matches, err := t.allowed.MatchWhole(topic)
	if err == nil && !matches {
		err = fmt.Errorf("topic %.249s becomes %s, which allowed.regex does not allow: allow it, or set fallback.topic",
			r.Topic, topic)
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}
