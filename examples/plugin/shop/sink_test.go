package shop

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/connecttest/workertest"
)

// store keeps what is put to it over HTTP.
type store struct {
	*httptest.Server

	mu     sync.Mutex // guards the rest
	values map[string]string
	answer func(path string) int // status of a PUT; nil is 200 for all
}

func newStore(t *testing.T) *store {
	t.Helper()
	s := &store{values: map[string]string{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		body, _ := io.ReadAll(r.Body)
		status := http.StatusOK
		if s.answer != nil {
			status = s.answer(r.URL.Path)
		}
		if status == http.StatusOK {
			s.values[r.URL.Path] = string(body)
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *store) value(path string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.values[path]
}

func (s *store) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Values(s.values))
}

func openStore(t *testing.T) connecttest.SinkCase {
	s := newStore(t)
	return connecttest.SinkCase{
		Props:       map[string]string{"store.url": s.URL},
		Written:     func(testing.TB) []string { return s.all() },
		ExactlyOnce: true,
	}
}

func TestSinkKeepsTheContract(t *testing.T) {
	connecttest.RunSink(t, SinkPlugin(), openStore)
}

func TestSinkLosesNothingWhenItsWorkerIsKilled(t *testing.T) {
	workertest.RunSink(t, SinkPlugin(), openStore, nil)
}

var orders0 = connect.TopicPartition{Topic: "orders", Partition: 0}

func TestSinkRejectsWhatTheStoreRefuses(t *testing.T) {
	s := newStore(t)
	s.answer = func(path string) int {
		if path == "/orders-0-1" {
			return http.StatusBadRequest
		}
		return http.StatusOK
	}
	sink := connecttest.StartSink(t, SinkPlugin().Info, &SinkTask{}, map[string]string{"store.url": s.URL})
	sink.Open(orders0)
	sink.Put(connecttest.Records(orders0, 0, `{"id":1}`, `{"id":2}`, `{"id":3}`)...)
	if got := sink.Context.Reports(); len(got) != 1 || got[0].Record.Offset != 1 {
		t.Errorf("rejected %v, want the record at offset 1", got)
	}
	if got, want := sink.Context.Metric(t, "store_sink_records_written_total"), 2.0; got != want {
		t.Errorf("%v records are counted as written, want %v", got, want)
	}
	if got, want := sink.Commit()[orders0], int64(3); got != want {
		t.Errorf("committed %d, want %d", got, want)
	}
}

func TestSinkEndsWhenTheStoreRefusesTheSink(t *testing.T) {
	s := newStore(t)
	s.answer = func(string) int { return http.StatusUnauthorized }
	sink := connecttest.StartSink(t, SinkPlugin().Info, &SinkTask{}, map[string]string{"store.url": s.URL})
	sink.Open(orders0)
	err := sink.TryPut(connecttest.Records(orders0, 0, `{"id":1}`)...)
	if err == nil || connect.IsRetriable(err) || len(sink.Context.Reports()) > 0 {
		t.Errorf("Put = %v with rejections %v, want an error that ends the task", err, sink.Context.Reports())
	}
}

func TestSinkWaitsForAStoreThatIsAway(t *testing.T) {
	s := newStore(t)
	s.answer = func(string) int { return http.StatusServiceUnavailable }
	sink := connecttest.StartSink(t, SinkPlugin().Info, &SinkTask{}, map[string]string{"store.url": s.URL})
	sink.Open(orders0)
	if err := sink.TryPut(connecttest.Records(orders0, 0, `{"id":1}`)...); !connect.IsRetriable(err) {
		t.Errorf("Put = %v, want an error after which the worker puts the record again", err)
	}
}
