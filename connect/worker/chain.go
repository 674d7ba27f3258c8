package worker

import (
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/plan"
)

// chain applies transforms in order.
type chain []plan.Step

// apply returns nil when a transform drops the record. The error has its stage.
func (c chain) apply(r *connect.Record) (*connect.Record, error) {
	for i := range c {
		s := &c[i]
		if !s.Applies(r) {
			continue
		}
		next, err := s.Transform.Apply(r)
		if err != nil {
			return nil, at(Transformation, s.Class, err)
		}
		if next == nil {
			return nil, nil
		}
		r = next
	}
	return r, nil
}
