package routers

import (
	"fmt"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/transforms/internal/expression"
	"github.com/suiro/suiro/transforms/internal/smt"
)

var _ connect.Transform = (*ExpressionRouter)(nil)

// ExpressionRouter makes the topic of a record by an expression.
type ExpressionRouter struct{ topic *expression.Expression }

// ExpressionRouterConfig is the configuration of an [ExpressionRouter].
type ExpressionRouterConfig struct {
	// Topic is an expression for the new topic, over topic, partition, offset,
	// timestamp, key, value and headers.
	Topic string `config:"topic.expression"`
}

// ExpressionRouterPlugin describes ExpressionRouter as a worker loads it.
func ExpressionRouterPlugin() connect.TransformPlugin {
	p := smt.Plugin("ExpressionRouter", "Changes the topic of records by an expression, so that what is in a record "+
		"decides where it goes.",
		config.New(config.Key{Name: "topic.expression", Type: config.String, Required: true,
			Valid: config.Func("expression", validExpression),
			Doc: "The new topic, as an expression over topic, partition, offset, timestamp, key, value and headers in the " +
				"language of expr-lang.org without now(), such as value.status >= 500 ? \"errors\" : topic."}),
		nil, NewExpressionRouter)
	p.Class = "suiro.ExpressionRouter"
	return p
}

func validExpression(v any) error {
	_, err := expression.Text(fmt.Sprint(v))
	return err
}

// NewExpressionRouter returns an ExpressionRouter, or an error about the expression.
func NewExpressionRouter(c ExpressionRouterConfig) (*ExpressionRouter, error) {
	e, err := expression.Text(c.Topic)
	if err != nil {
		return nil, err
	}
	return &ExpressionRouter{e}, nil
}

// Apply changes the topic of r.
func (t *ExpressionRouter) Apply(r *connect.Record) (*connect.Record, error) {
	v, err := t.topic.Run(r)
	if err != nil {
		return nil, err
	}
	topic, ok := v.(string)
	if !ok {
		return nil, fmt.Errorf("topic %.249s becomes a value that is not text: check topic.expression", r.Topic)
	}
	return renamed(r, []byte(topic), "topic.expression")
}
