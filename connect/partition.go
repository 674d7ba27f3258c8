package connect

import "strconv"

// Partition is the number of a Kafka partition, or none. The zero Partition is none:
// the partitioner chooses, by the key of the record. Partitions can be compared
// with ==.
type Partition struct{ after int32 } // the number that follows, so that zero is none

// InPartition returns the Partition of a number, which counts from 0. A negative
// number is none, as in Kafka's protocol.
func InPartition(number int32) Partition { return Partition{max(number, -1) + 1} }

// Number returns the number, and false when the partitioner is to choose.
func (p Partition) Number() (number int32, chosen bool) { return p.after - 1, p.after > 0 }

// String returns the number, or "any" when the partitioner is to choose.
func (p Partition) String() string {
	if number, chosen := p.Number(); chosen {
		return strconv.Itoa(int(number))
	}
	return "any"
}
