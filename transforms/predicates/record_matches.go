package predicates

import (
	"fmt"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/transforms/internal/expression"
)

var _ connect.Predicate = (*RecordMatches)(nil)

// RecordMatches holds for records for which an expression is true.
type RecordMatches struct{ expression *expression.Expression }

// RecordMatchesConfig is the configuration of a [RecordMatches].
type RecordMatchesConfig struct {
	// Expression is a condition over topic, partition, offset, timestamp, key, value
	// and headers.
	Expression string `config:"expression"`
}

// RecordMatchesPlugin describes RecordMatches as a worker loads it.
func RecordMatchesPlugin() connect.PredicatePlugin {
	p := plugin("RecordMatches", "True for records for which an expression is true, such as value.status >= 500.",
		config.New(config.Key{Name: "expression", Type: config.String, Required: true,
			Valid: config.Func("expression", validExpression),
			Doc: "Condition over topic, partition, offset, timestamp, key, value and headers, in the language of " +
				"expr-lang.org without now(); an error in it, as for value.a.b when a is null, rejects the record."}),
		NewRecordMatches)
	p.Class = "suiro.RecordMatches"
	return p
}

func validExpression(v any) error {
	_, err := expression.Bool(fmt.Sprint(v))
	return err
}

// NewRecordMatches returns a RecordMatches, or an error about the expression.
func NewRecordMatches(c RecordMatchesConfig) (*RecordMatches, error) {
	e, err := expression.Bool(c.Expression)
	if err != nil {
		return nil, err
	}
	return &RecordMatches{e}, nil
}

// Test reports whether the expression is true for r.
func (p *RecordMatches) Test(r *connect.Record) (bool, error) {
	v, err := p.expression.Run(r)
	matches, _ := v.(bool)
	return matches, err
}
