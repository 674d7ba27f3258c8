package predicates

import (
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
)

var _ connect.Predicate = (*RecordIsTombstone)(nil)

// RecordIsTombstone holds for records whose value is null: in Kafka, or after the
// converter, as JSON's null and an envelope with a null payload are.
type RecordIsTombstone struct{}

// RecordIsTombstoneConfig is the configuration of a [RecordIsTombstone], which has
// no keys.
type RecordIsTombstoneConfig struct{}

// RecordIsTombstonePlugin describes RecordIsTombstone as a worker loads it.
func RecordIsTombstonePlugin() connect.PredicatePlugin {
	return plugin("RecordIsTombstone", "True for tombstones, records whose value is null.",
		config.New(), NewRecordIsTombstone)
}

// NewRecordIsTombstone returns a RecordIsTombstone.
func NewRecordIsTombstone(RecordIsTombstoneConfig) (*RecordIsTombstone, error) {
	return &RecordIsTombstone{}, nil
}

// Test reports whether the value of r is null. The error says that the value cannot
// be decoded; as in Kafka Connect, the record is a bad one then.
func (*RecordIsTombstone) Test(r *connect.Record) (bool, error) {
	_, v, err := r.Value.Decode()
	return err == nil && v == nil, err
}
