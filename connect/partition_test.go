package connect_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/suiro/suiro/connect"
)

func TestAPartitionIsChosenByThePartitionerUnlessItHasANumber(t *testing.T) {
	for _, tt := range []struct {
		p      connect.Partition
		number int32
		chosen bool
		text   string
	}{
		{connect.Partition{}, -1, false, "any"},
		{connect.Record{}.Partition, -1, false, "any"},
		{connect.InPartition(0), 0, true, "0"},
		{connect.InPartition(7), 7, true, "7"},
		{connect.InPartition(math.MaxInt32 - 1), math.MaxInt32 - 1, true, "2147483646"},
		{connect.InPartition(-1), -1, false, "any"},
		{connect.InPartition(math.MinInt32), -1, false, "any"},
	} {
		number, chosen := tt.p.Number()
		if number != tt.number || chosen != tt.chosen || tt.p.String() != tt.text {
			t.Errorf("%#v = %d, %v, %q, want %d, %v, %q", tt.p, number, chosen, tt.p, tt.number, tt.chosen, tt.text)
		}
	}
}

// A source record that says nothing about its partition goes where its key belongs.
func ExampleInPartition() {
	byKey := connect.Record{Topic: "orders", Key: connect.Decoded(nil, "order 7")}
	fixed := connect.Record{Topic: "orders", Partition: connect.InPartition(3)}
	fmt.Println(byKey.Partition, fixed.Partition)
	// Output: any 3
}
