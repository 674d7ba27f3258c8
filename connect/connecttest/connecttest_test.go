package connecttest_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/connecttest"
)

var p0 = connect.TopicPartition{Topic: "access", Partition: 0}

// memorySink writes at PreCommit and refuses records whose value is null.
type memorySink struct {
	tc      connect.SinkContext
	waiting []*connect.SinkRecord
	written []int64
	safe    connect.Offsets
}

var _ connect.SinkTask = (*memorySink)(nil)

func (s *memorySink) Start(_ context.Context, tc connect.SinkContext, _ config.Values) error {
	s.tc, s.safe = tc, connect.Offsets{}
	return nil
}
func (s *memorySink) Open(context.Context, []connect.TopicPartition) error { return nil }
func (s *memorySink) Put(_ context.Context, records []*connect.SinkRecord) error {
	for _, r := range records {
		if r.Value.IsNull() {
			if err := s.tc.Report(r, errors.New("null value"), nil); err != nil {
				return err
			}
			continue
		}
		s.waiting = append(s.waiting, r)
	}
	return nil
}
func (s *memorySink) PreCommit(_ context.Context, current connect.Offsets) (connect.Offsets, error) {
	for _, r := range s.waiting {
		s.written = append(s.written, r.Offset)
	}
	s.waiting = nil
	return current, nil
}
func (s *memorySink) Close(context.Context, []connect.TopicPartition, bool) error { return nil }
func (s *memorySink) Stop() error                                                 { return nil }

func TestSinkIsDrivenAsByAWorker(t *testing.T) {
	task := &memorySink{}
	sink := connecttest.StartSink(t, connect.Info{}, task, nil)
	sink.Open(p0)
	records := connecttest.Records(p0, 5, `{"a":1}`, `{"a":2}`)
	null := &connect.SinkRecord{Record: connect.Record{Offset: 7}, OriginalTopic: "access"}
	sink.Put(append(records, null)...)
	if got, want := sink.Commit(), int64(8); got[p0] != want {
		t.Errorf("committed %v, want %d", got, want)
	}
	if want := []int64{5, 6}; !slices.Equal(task.written, want) {
		t.Errorf("written %v, want %v", task.written, want)
	}
	if got := sink.Context.Reports(); len(got) != 1 || got[0].Record != null {
		t.Errorf("reports = %v, want the record without value", got)
	}
	sink.Context.Tolerate(false)
	if err := sink.TryPut(null); !errors.Is(err, connecttest.ErrNotTolerated) {
		t.Errorf("TryPut = %v, want %v", err, connecttest.ErrNotTolerated)
	}
}

func TestHeldReportsAreAcknowledgedLater(t *testing.T) {
	c := connecttest.NewSinkContext()
	c.HoldReports()
	acked := false
	if err := c.Report(&connect.SinkRecord{}, errors.New("refused"), func(error) { acked = true }); err != nil {
		t.Fatal(err)
	}
	if acked {
		t.Error("a held report was acknowledged at once")
	}
	c.AckReports(nil)
	if !acked {
		t.Error("AckReports did not acknowledge")
	}
}

func TestReportAllWaitsForHeldReports(t *testing.T) {
	c := connecttest.NewSinkContext()
	c.HoldReports()
	bad := []connect.Rejection{{Record: &connect.SinkRecord{}, Reason: errors.New("refused")}}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.ReportAll(ctx, bad); !errors.Is(err, context.Canceled) {
		t.Errorf("ReportAll of a held report = %v, want the context's error", err)
	}
	returned := make(chan error)
	go func() { returned <- c.ReportAll(t.Context(), bad) }()
	broken := errors.New("the topic is gone")
	for len(c.Reports()) < 2 {
		runtime.Gosched()
	}
	c.AckReports(broken)
	if err := <-returned; !errors.Is(err, broken) {
		t.Errorf("ReportAll = %v, want %v", err, broken)
	}
}

func TestValidatorReportsViolations(t *testing.T) {
	for name, c := range map[string]struct {
		feed func(*connecttest.Validator)
		want []string
	}{
		"nothing wrong": {func(v *connecttest.Validator) {
			for o := range int64(3) {
				v.Delivered(p0, o)
			}
			v.Committed(connect.Offsets{p0: 2})
			v.Delivered(p0, 2)
		}, nil},
		"lost": {func(v *connecttest.Validator) {
			v.Delivered(p0, 0)
			v.Delivered(p0, 2)
		}, []string{"access-0 offset 1 never arrived"}},
		"out of order": {func(v *connecttest.Validator) {
			v.Delivered(p0, 0)
			v.Delivered(p0, 2)
			v.Delivered(p0, 1)
		}, []string{"access-0 offset 1 arrived first after offset 2"}},
		"committed too early": {func(v *connecttest.Validator) {
			v.Delivered(p0, 0)
			v.Committed(connect.Offsets{p0: 2})
			v.Delivered(p0, 1)
			v.Delivered(p0, 2)
		}, []string{"access-0 was committed to 2 while offset 1 had not arrived"}},
		"committed backwards": {func(v *connecttest.Validator) {
			for o := range int64(3) {
				v.Delivered(p0, o)
			}
			v.Committed(connect.Offsets{p0: 3})
			v.Committed(connect.Offsets{p0: 1})
		}, []string{"access-0 was committed backwards from 3 to 1"}},
		"twice": {func(v *connecttest.Validator) {
			v.ExactlyOnce = true
			for _, o := range []int64{0, 1, 1, 2} {
				v.Delivered(p0, o)
			}
		}, []string{"access-0 offset 1 arrived 2 times"}},
	} {
		t.Run(name, func(t *testing.T) {
			v := connecttest.NewValidator()
			c.feed(v)
			if got := v.Finish(connect.Offsets{p0: 3}); !slices.Equal(got, c.want) {
				t.Errorf("Finish = %q, want %q", got, c.want)
			}
		})
	}
}

func TestSourceContextKeepsOffsetsBetweenTasks(t *testing.T) {
	c := connecttest.NewSourceContext()
	c.Keep(map[string]any{"filename": "a"}, map[string]any{"position": int64(12)})
	got, err := c.Offset(t.Context(), map[string]any{"filename": "a"})
	if err != nil || got["position"] != int64(12) {
		t.Errorf("Offset = %v, %v, want position 12 as JSON gives it", got, err)
	}
}
