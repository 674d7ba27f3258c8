package splitting

import (
	"context"
	"fmt"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/connecttest/workertest"
)

// orders is a source of 40 orders with 0 to 3 items each, two in a poll.
type orders struct{ next int64 }

const total = 40

var partition = map[string]any{"orders": "all"}

func (o *orders) Start(ctx context.Context, tc connect.SourceContext, _ config.Values) error {
	kept, err := tc.Offset(ctx, partition)
	o.next, _ = kept["order"].(int64)
	return err
}

func (o *orders) Poll(ctx context.Context) (out []*connect.SourceRecord, err error) {
	if ctx.Err() != nil {
		return nil, nil
	}
	if o.next >= total {
		return nil, connect.ErrEndOfInput
	}
	for range 2 {
		n := o.next
		o.next++
		out = append(out, &connect.SourceRecord{SourcePartition: partition, SourceOffset: map[string]any{"order": o.next},
			Record: connect.Record{Topic: "items", Value: connect.Decoded(nil, map[string]any{"items": items(n)})}})
	}
	return out, nil
}

func items(order int64) []any {
	out := []any{}
	for i := range order % 4 {
		out = append(out, fmt.Sprintf("item %d of %d", i, order))
	}
	return out
}

func (*orders) Committed(map[string]any, map[string]any) {}
func (*orders) Stop() error                              { return nil }

func openOrders(*testing.T) connecttest.SourceCase {
	c := connecttest.SourceCase{Props: map[string]string{"transforms": "split", "transforms.split.type": "Split",
		"transforms.split.field": "items", "transforms.split.keep.others": "false"}}
	for n := range int64(total) {
		for _, item := range items(n) {
			c.Want = append(c.Want, item.(string))
		}
	}
	return c
}

// A worker is killed while some of what an order becomes is on its way: all of it arrives,
// and once where the source is exactly-once.
func TestNothingOfARecordIsLostWhenTheWorkerIsKilled(t *testing.T) {
	plugin := connect.SourcePlugin{Info: connect.Info{Class: "Orders", Version: "1"},
		New: func() connect.SourceConnector {
			return connect.SourceOf(func() connect.SourceTask { return &orders{} })
		}}
	workertest.RunSource(t, plugin, openOrders, &workertest.Options{
		Plugins: connect.Plugins{Transforms: []connect.TransformPlugin{SplitPlugin()}}})
}
