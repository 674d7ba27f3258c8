package worker

import (
	"github.com/suiro/suiro/connect"
)

// chain applies transforms in order.
type chain []step

type step struct {
	transform connect.Transform
	class     string
	predicate connect.Predicate
	negate    bool
}

// apply returns nil when a transform drops the record. The error has its stage.
func (c chain) apply(r *connect.Record) (*connect.Record, error) {
	for _, s := range c {
		if s.predicate != nil && s.predicate.Test(r) == s.negate {
			continue
		}
		next, err := s.transform.Apply(r)
		if err != nil {
			return nil, at(Transformation, s.class, err)
		}
		if next == nil {
			return nil, nil
		}
		r = next
	}
	return r, nil
}
