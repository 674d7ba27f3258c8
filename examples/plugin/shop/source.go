package shop

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
)

type sourceConfig struct {
	URL      string        `config:"shop.url" valid:"nonempty" doc:"Address that lists the orders."`
	Topic    string        `config:"topic" valid:"nonempty" doc:"Topic to write orders to."`
	Batch    int           `config:"batch.size" default:"100" valid:"min=1,max=1000" doc:"Orders in a request."`
	Interval time.Duration `config:"poll.interval.ms" default:"1000" valid:"min=1" doc:"Milliseconds to wait for an order."`
	Follow   bool          `config:"follow" default:"true" doc:"Whether to wait for more orders after the last one."`
}

// SourcePlugin describes the source as a worker loads it.
func SourcePlugin() connect.SourcePlugin {
	return connect.SourcePlugin{
		Info: connect.Info{Class: "example.ShopSource", Version: version, Def: config.For[sourceConfig](),
			Doc: "Reads the orders of a shop, in the order of their ids."},
		New: func() connect.SourceConnector {
			return connect.SourceOf(func() connect.SourceTask { return &SourceTask{} })
		},
	}
}

var _ connect.SourceTask = (*SourceTask)(nil)

// SourceTask reads orders.
type SourceTask struct {
	config    sourceConfig
	partition map[string]any
	last      int64 // id of the last order that was read
}

// Start finds the order to continue after.
func (t *SourceTask) Start(ctx context.Context, tc connect.SourceContext, v config.Values) error {
	v.Decode(&t.config)
	t.partition = map[string]any{"shop.url": t.config.URL}
	kept, err := tc.Offset(ctx, t.partition)
	if err != nil {
		return err
	}
	t.last, _ = kept["id"].(int64) // 0 without an offset
	return nil
}

// Poll returns the next orders.
func (t *SourceTask) Poll(ctx context.Context) ([]*connect.SourceRecord, error) {
	orders, err := t.orders(ctx)
	if err != nil {
		return nil, err // connect.Retriable if the shop may be back soon
	}
	if len(orders) == 0 && !t.config.Follow {
		return nil, connect.ErrEndOfInput
	}
	if len(orders) == 0 {
		select {
		case <-time.After(t.config.Interval):
		case <-ctx.Done():
		}
		return nil, nil
	}
	records := make([]*connect.SourceRecord, len(orders))
	for i, fields := range orders {
		id, ok := data.AsInt(fields["id"])
		if !ok {
			return nil, fmt.Errorf("read order after %d: its id is %s, want an integer",
				t.last, data.Describe(fields["id"]))
		}
		t.last = id
		records[i] = &connect.SourceRecord{
			Record: connect.Record{
				Topic: t.config.Topic,
				Key:   connect.Decoded(nil, fmt.Sprint(id)),
				Value: connect.Decoded(nil, fields),
			},
			SourcePartition: t.partition,
			SourceOffset:    map[string]any{"id": id},
		}
	}
	return records, nil
}

// orders asks the shop for the orders after the last one.
func (t *SourceTask) orders(ctx context.Context) (orders []map[string]any, err error) {
	url := fmt.Sprintf("%s?after=%d&limit=%d", t.config.URL, t.last, t.config.Batch)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, connect.Retriable(err)
	}
	defer response.Body.Close()
	switch code, err := response.StatusCode, fmt.Errorf("list orders at %s: %s", url, response.Status); {
	case code == http.StatusTooManyRequests, code >= http.StatusInternalServerError:
		return nil, connect.Retriable(err)
	case code != http.StatusOK:
		return nil, err // such as a wrong address, which does not go away by itself
	}
	decoder := json.NewDecoder(response.Body)
	decoder.UseNumber()
	if err := decoder.Decode(&orders); err != nil {
		return nil, connect.Retriable(fmt.Errorf("list orders at %s: %w", url, err))
	}
	return orders, nil
}

// Committed has nothing to do: the shop keeps its orders.
func (*SourceTask) Committed(partition, offset map[string]any) {}

// Stop has nothing to free.
func (*SourceTask) Stop() error { return nil }
