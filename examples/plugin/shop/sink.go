package shop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
)

type sinkConfig struct {
	URL string `config:"store.url" valid:"nonempty" doc:"Address below which each record has a place of its own."`
}

// SinkPlugin describes the sink as a worker loads it.
func SinkPlugin() connect.SinkPlugin {
	return connect.SinkPlugin{
		Info: connect.Info{Class: "example.StoreSink", Version: version, Def: config.For[sinkConfig](),
			Doc: "Puts the value of each record as JSON to an address made of its topic, partition and offset."},
		New: func() connect.SinkConnector {
			return connect.SinkOf(func() connect.SinkTask { return &SinkTask{} })
		},
		Metrics: func(r prometheus.Registerer) { newSinkMetrics(r) },
	}
}

// sinkMetrics are what a task counts.
type sinkMetrics struct{ written prometheus.Counter }

func newSinkMetrics(r prometheus.Registerer) sinkMetrics {
	return sinkMetrics{promauto.With(r).NewCounter(prometheus.CounterOpts{
		Name: "store_sink_records_written_total", Help: "Records that the store has taken."})}
}

var _ connect.SinkTask = (*SinkTask)(nil)

// SinkTask puts records to the store, one after the other. A record that comes
// again, as after a crash, is put to the same address, so that it is there once.
type SinkTask struct {
	config  sinkConfig
	tc      connect.SinkContext
	metrics sinkMetrics
}

// Start reads the configuration.
func (t *SinkTask) Start(_ context.Context, tc connect.SinkContext, v config.Values) error {
	v.Decode(&t.config)
	t.tc, t.metrics = tc, newSinkMetrics(tc.Metrics())
	return nil
}

// Open has nothing to do: the worker continues at the committed offset.
func (*SinkTask) Open(context.Context, []connect.TopicPartition) error { return nil }

// Put writes the records. When the store is away the worker puts the same records
// again. What the store refuses is rejected, at the end.
func (t *SinkTask) Put(ctx context.Context, records []*connect.SinkRecord) error {
	var bad []connect.Rejection
	for _, r := range records {
		err := t.write(ctx, r)
		switch {
		case err == nil:
			t.metrics.written.Inc()
		case errors.As(err, new(refusal)):
			bad = append(bad, connect.Rejection{Record: r, Reason: err})
		default:
			return err
		}
	}
	return t.tc.ReportAll(ctx, bad)
}

// refusal is the error of a record that will never be written.
type refusal struct{ error }

func (r refusal) Unwrap() error { return r.error }

func (t *SinkTask) write(ctx context.Context, r *connect.SinkRecord) error {
	schema, value, err := r.Value.Decode()
	if connect.IsRetriable(err) {
		return err // a schema registry is away
	}
	body, jsonErr := data.JSON(schema, value)
	if err := errors.Join(err, jsonErr); err != nil {
		return refusal{err}
	}
	url := fmt.Sprintf("%s/%v-%d", t.config.URL, r.TopicPartition(), r.Offset)
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return connect.Retriable(err)
	}
	defer response.Body.Close()
	err = fmt.Errorf("put %s: %s", url, response.Status)
	switch code := response.StatusCode; {
	case code < http.StatusMultipleChoices:
		return nil
	case code == http.StatusBadRequest, code == http.StatusRequestEntityTooLarge, code == http.StatusUnprocessableEntity:
		return refusal{err}
	case code == http.StatusTooManyRequests, code >= http.StatusInternalServerError:
		return connect.Retriable(err)
	}
	return err // such as a wrong address: nothing is wrong with the record, so it must not become a dead letter
}

// PreCommit says that everything that was put is safe: Put has waited for it.
func (*SinkTask) PreCommit(_ context.Context, current connect.Offsets) (connect.Offsets, error) {
	return current, nil
}

// Close has nothing to give up.
func (*SinkTask) Close(context.Context, []connect.TopicPartition, bool) error { return nil }

// Stop has nothing to free.
func (*SinkTask) Stop() error { return nil }
