package transforms

import "github.com/suiro/suiro/transforms/internal/smt"

// Part is the part of a record that a transform works on.
type Part = smt.Part

// The parts of a record. Java has a class for each, whose names end with $Key
// and $Value.
const (
	Key   = smt.Key
	Value = smt.Value
)
