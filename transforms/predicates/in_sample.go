package predicates

import (
	"fmt"
	"hash/fnv"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/internal/expression"
)

var _ connect.Predicate = (*InSample)(nil)

// InSample holds for a share of the records, chosen by the hash of an expression. What
// is equal is in the sample or out of it together, in every process and at every time,
// and a larger sample has all of a smaller one.
type InSample struct {
	by      *expression.Expression
	percent float64
}

// InSampleConfig is the configuration of an [InSample].
type InSampleConfig struct {
	// By is an expression over topic, partition, offset, timestamp, key, value and
	// headers; records with equal results are in the sample or out of it together.
	By string `config:"by"`
	// Percent is the share of the results that is in the sample, from 0 to 100.
	Percent float64 `config:"percent"`
}

// InSamplePlugin describes InSample as a worker loads it.
func InSamplePlugin() connect.PredicatePlugin {
	p := plugin("InSample", "True for a share of the records, chosen by the hash of an expression.", config.New(
		config.Key{Name: "by", Type: config.String, Required: true, Valid: config.Func("expression", validBy),
			Doc: "What is hashed, as an expression over topic, partition, offset, timestamp, key, value and headers in " +
				"the language of expr-lang.org without now(); key takes all records of a key or none, [partition, offset] " +
				"each record by itself. A record for which it is nil is rejected."},
		config.Key{Name: "percent", Type: config.Double, Required: true, Valid: config.Func("[0,...,100]", validPercent),
			Doc: "The share of the results that is in the sample."}), NewInSample)
	p.Class = "suiro.InSample"
	return p
}

func validBy(v any) error {
	_, err := expression.Any(fmt.Sprint(v))
	return err
}

func validPercent(v any) error {
	if p, ok := v.(float64); !ok || !(p >= 0 && p <= 100) {
		return fmt.Errorf("%v is not a number from 0 to 100", v)
	}
	return nil
}

// NewInSample returns an InSample, or an error about the expression or the share.
func NewInSample(c InSampleConfig) (*InSample, error) {
	if err := validPercent(c.Percent); err != nil {
		return nil, err
	}
	by, err := expression.Any(c.By)
	if err != nil {
		return nil, err
	}
	return &InSample{by, c.Percent}, nil
}

// Test reports whether r is in the sample.
func (p *InSample) Test(r *connect.Record) (bool, error) {
	v, err := p.by.Run(r)
	if err != nil {
		return false, err
	}
	if v == nil {
		return false, fmt.Errorf("a record of topic %.249s cannot be sampled: by is nil for it: use another expression, "+
			"such as [partition, offset]", r.Topic)
	}
	text, err := data.AppendJSON(nil, nil, v, data.JSONOptions{})
	if err != nil {
		return false, fmt.Errorf("what by gives for a record of topic %.249s: %w", r.Topic, err)
	}
	h := fnv.New64a()
	h.Write(text)
	return inShare(mixed(h.Sum64()), p.percent), nil
}

// inShare reports whether a hash is in the lowest percent of all hashes. It takes the 53
// bits that a float holds, so that the highest hash stays below 100.
func inShare(hash uint64, percent float64) bool {
	return float64(hash>>11)/(1<<53) < percent/100
}

// mixed spreads the differences of short texts, which FNV leaves in the low bits, over
// all bits. It is the last step of MurmurHash3.
func mixed(n uint64) uint64 {
	n = (n ^ n>>33) * 0xff51afd7ed558ccd
	n = (n ^ n>>33) * 0xc4ceb9fe1a85ec53
	return n ^ n>>33
}
