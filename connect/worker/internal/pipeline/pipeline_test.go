package pipeline_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker/internal/counts"
	"github.com/suiro/suiro/connect/worker/internal/pipeline"
	"github.com/suiro/suiro/connect/worker/internal/tap"
	"github.com/twmb/franz-go/pkg/kgo"
)

// transform is a transform made of a function.
type transform func(*connect.Record) (*connect.Record, error)

func (t transform) Apply(r *connect.Record) (*connect.Record, error) { return t(r) }

// brittle is a converter and a header converter that do what they are told.
type brittle struct {
	connecttest.Converter
	fail func() error
}

func (b brittle) FromConnect(string, *data.Schema, any) ([]byte, error) { return nil, b.fail() }
func (b brittle) ToConnect(string, []byte) (*data.Schema, any, error)   { return nil, nil, b.fail() }
func (b brittle) FromConnectHeader(string, string, *data.Schema, any) ([]byte, error) {
	return nil, b.fail()
}
func (b brittle) ToConnectHeader(string, string, []byte) (*data.Schema, any, error) {
	return nil, nil, b.fail()
}

// fine is a plan whose parts work.
func fine() *plan.Connector {
	ok := brittle{connecttest.Converter{Fmt: connect.FormatJSON}, func() error { return nil }}
	text := plan.Converter{Converter: connecttest.Converter{Fmt: connect.FormatJSON}, Class: "JSON"}
	return &plan.Connector{Key: text, Value: text, Header: plan.HeaderConverter{HeaderConverter: ok, Class: "Headers"}}
}

func newPipeline(p *plan.Connector) (*pipeline.Pipeline, *counts.Counters) {
	c := &counts.Counters{}
	return pipeline.New(p, c, tap.NewPoint(0, tap.NewMask(nil, p.HideText)), slog.New(slog.DiscardHandler)), c
}

// A stage is remembered wherever the error surfaces, and a panic of a plugin is
// an error like any other, as an exception is in Kafka Connect.
func TestErrorsCarryTheirStage(t *testing.T) {
	in := &kgo.Record{Topic: "t", Key: []byte("k"), Value: []byte("v"), Headers: []kgo.RecordHeader{{Key: "h", Value: []byte("x")}}}
	for _, fail := range []func() error{
		func() error { return errors.New("cannot") },
		func() error { panic("cannot") },
	} {
		bad := brittle{connecttest.Converter{Fmt: "mine"}, fail}
		decode := plan.Step{Class: "Decode", Transform: transform(func(r *connect.Record) (*connect.Record, error) {
			if _, _, err := r.Key.Decode(); err != nil {
				return nil, err
			}
			_, _, err := r.Value.Decode()
			return r, err
		})}
		for want, change := range map[pipeline.Stage]func(*plan.Connector){
			pipeline.Transformation: func(p *plan.Connector) {
				p.Chain = []plan.Step{{Class: "Bad", Transform: transform(func(*connect.Record) (*connect.Record, error) { return nil, fail() })}}
			},
			pipeline.KeyConverter:    func(p *plan.Connector) { p.Key = plan.Converter{Converter: bad, Class: "Bad"} },
			pipeline.ValueConverter:  func(p *plan.Connector) { p.Value = plan.Converter{Converter: bad, Class: "Bad"} },
			pipeline.HeaderConverter: func(p *plan.Connector) { p.Header = plan.HeaderConverter{HeaderConverter: bad, Class: "Bad"} },
		} {
			p := fine()
			p.Key.Converter = connecttest.Converter{Fmt: connect.FormatString}
			p.Value.Converter = connecttest.Converter{Fmt: connect.FormatString}
			p.Chain = []plan.Step{decode}
			change(p)
			line, _ := newPipeline(p)
			_, keep, err := line.ToSink(t.Context(), in)
			if stage, class := pipeline.StageOf(err, pipeline.TaskPut, "none"); keep || stage != want || class != "Bad" {
				t.Errorf("sink: stage %v of class %s for %v, want %v of Bad", stage, class, err, want)
			}
			record := connect.Record{Topic: "t", Key: connect.Decoded(nil, "k"), Value: connect.Decoded(nil, "v"),
				Headers: []connect.Header{{Key: "h", Value: "x"}}}
			_, err = line.ToKafka(t.Context(), &connect.SourceRecord{Record: record})
			if stage, class := pipeline.StageOf(err, pipeline.TaskPoll, "none"); stage != want || class != "Bad" {
				t.Errorf("source: stage %v of class %s for %v, want %v of Bad", stage, class, err, want)
			}
		}
	}
}

// unsure is a predicate that cannot tell.
type unsure struct{}

func (unsure) Test(*connect.Record) (bool, error) { return true, errors.New("no such field") }

func TestARecordThatAPredicateCannotJudgeIsBad(t *testing.T) {
	p := fine()
	called := false
	p.Chain = []plan.Step{{Class: "Route", Predicate: unsure{}, PredicateAlias: "large",
		Transform: transform(func(r *connect.Record) (*connect.Record, error) {
			called = true
			return r, nil
		})}}
	line, _ := newPipeline(p)
	_, keep, err := line.ToSink(t.Context(), &kgo.Record{Topic: "t"})
	stage, class := pipeline.StageOf(err, pipeline.TaskPut, "none")
	if keep || called || stage != pipeline.Transformation || class != "Route" {
		t.Errorf("stage %v of class %s for %v, transformed: %v, want a failure of Route that transforms nothing",
			stage, class, err, called)
	}
	if want := "test the predicate large: "; !strings.Contains(err.Error(), want) {
		t.Errorf("error = %v, want it to name the predicate: %q", err, want)
	}
}

func TestRetriableErrorsAreTriedUntilTheTimeout(t *testing.T) {
	for _, c := range []struct {
		timeout, works time.Duration // when the transform works again
		ok             bool
	}{{0, time.Second, false}, {time.Minute, 10 * time.Second, true}, {time.Second, time.Minute, false}, {-1, time.Hour, true}} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			p := fine()
			p.Tolerance = plan.Tolerance{RetryTimeout: c.timeout, RetryDelayMax: 5 * time.Second}
			p.Chain = []plan.Step{{Transform: transform(func(r *connect.Record) (*connect.Record, error) {
				if time.Since(began) < c.works {
					return nil, connect.Retriable(errors.New("nobody answers"))
				}
				return r, nil
			})}}
			line, n := newPipeline(p)
			_, keep, err := line.ToSink(t.Context(), &kgo.Record{})
			if keep != c.ok || (err == nil) != c.ok {
				t.Errorf("timeout %v, works after %v: keep = %v, %v, want %v", c.timeout, c.works, keep, err, c.ok)
			}
			if c.timeout >= 0 && time.Since(began) > c.timeout {
				t.Errorf("timeout %v: tried for %v", c.timeout, time.Since(began))
			}
			if retried := n.Retries.Load() > 0; retried != (c.timeout != 0) {
				t.Errorf("timeout %v: %d retries", c.timeout, n.Retries.Load())
			}
		})
	}
}

func TestStopEndsTheRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := fine()
		p.Tolerance = plan.Tolerance{RetryTimeout: -1, RetryDelayMax: time.Second}
		p.Chain = []plan.Step{{Transform: transform(func(*connect.Record) (*connect.Record, error) {
			return nil, connect.Retriable(errors.New("nobody answers"))
		})}}
		line, _ := newPipeline(p)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, keep, err := line.ToSink(ctx, &kgo.Record{}); keep || err == nil || ctx.Err() == nil {
			t.Errorf("ToSink = %v, %v, want the error once the context is done", keep, err)
		}
	})
}

func TestOnlyBadRecordsAreAdmitted(t *testing.T) {
	reason := errors.New("cannot")
	for _, c := range []struct {
		all    bool
		reason error
		want   string // "" admits
	}{
		{true, reason, ""},
		{false, reason, "record 7: TRANSFORMATION: cannot (errors.tolerance is none)"},
		{true, connect.Retriable(reason), "record 7: TRANSFORMATION: cannot (still failing after errors.retry.timeout; -1 retries without end)"},
	} {
		p := fine()
		p.Tolerance.All = c.all
		line, n := newPipeline(p)
		err := line.Admit("record 7", pipeline.Transformation, "DropOdd", c.reason)
		if got := errors.Join(err); c.want == "" && err != nil || c.want != "" && (got == nil || got.Error() != c.want) {
			t.Errorf("Admit with tolerance %v of %v = %v, want %q", c.all, c.reason, err, c.want)
		}
		if got := n.Rejected.Load(); (got == 1) != (c.want == "") {
			t.Errorf("tolerance %v: %d rejected", c.all, got)
		}
	}
}

func TestTransformsChangeACopyAndTheOriginalStays(t *testing.T) {
	p := fine()
	p.Chain = []plan.Step{{Transform: transform(func(r *connect.Record) (*connect.Record, error) {
		next := *r
		next.Topic, next.Partition, next.Offset = "routed", connect.InPartition(9), 99
		return &next, nil
	})}}
	line, _ := newPipeline(p)
	r, keep, err := line.ToSink(t.Context(), &kgo.Record{Topic: "in", Partition: 3, Offset: 7, Value: []byte("v")})
	if err != nil || !keep {
		t.Fatalf("ToSink = %v, %v, want the record", keep, err)
	}
	if r.Topic != "routed" || r.Partition != connect.InPartition(9) || r.TopicPartition() != (connect.TopicPartition{Topic: "in", Partition: 3}) ||
		r.Offset != 7 || r.Original == nil || r.Original.Topic != "in" {
		t.Errorf("record = %+v, original %+v, want the new topic and the old place", r, r.Original)
	}
}

func TestPanicShowsItsStackWhereNothingIsTolerated(t *testing.T) {
	p := fine()
	p.Chain = []plan.Step{{Transform: transform(func(*connect.Record) (*connect.Record, error) { panic("index out of range") })}}
	line, _ := newPipeline(p)
	_, _, err := line.ToSink(t.Context(), &kgo.Record{})
	stage, _ := pipeline.StageOf(err, pipeline.TaskPut, "")
	err = line.Admit("record 7", stage, "DropOdd", err)
	for _, want := range []string{"TRANSFORMATION: panic: index out of range", "pipeline_test.go"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want it to hold %s", err, want)
		}
	}
}

// A tap sees what goes in, what each transform makes of it and what comes out, and the
// record passes as it would without.
func TestATapSeesEachStage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := fine()
		p.Chain = []plan.Step{{Alias: "rename", Transform: transform(func(r *connect.Record) (*connect.Record, error) {
			out := *r
			out.Topic = "renamed"
			return &out, nil
		})}}
		hub, point := tap.NewHub(), tap.NewPoint(0, tap.NewMask(nil, func(s string) string { return s }))
		hub.Add("c", point)
		records := pipeline.New(p, &counts.Counters{}, point, slog.New(slog.DiscardHandler))
		for _, side := range []struct {
			pass func() string // returns the topic that comes out
			want string
		}{
			{func() string {
				out, err := records.ToKafka(t.Context(), &connect.SourceRecord{
					Record: connect.Record{Topic: "lines", Value: connect.Decoded(nil, "v")}})
				if err != nil {
					t.Fatal(err)
				}
				return out[0].Topic
			}, "polled lines, transformed renamed, converted renamed, "},
			{func() string {
				out, _, err := records.ToSink(t.Context(), &kgo.Record{Topic: "in", Value: []byte("v"), Offset: 7})
				if err != nil {
					t.Fatal(err)
				}
				if out.Value.IsDecoded() {
					t.Error("the tap has decoded the record of the task")
				}
				return out.Topic
			}, "consumed in, converted in, transformed renamed, "},
		} {
			answers := make(chan api.Tapped)
			go func() {
				answers <- hub.Tap(t.Context(), "c", api.TapRequest{Task: -1, Records: 1, Wait: time.Minute})
			}()
			synctest.Wait()
			if got := side.pass(); got != "renamed" {
				t.Errorf("topic = %s, want renamed", got)
			}
			got := ""
			for _, s := range (<-answers).Stages {
				got += s.Stage + " " + s.Topic + ", "
			}
			if got != side.want {
				t.Errorf("stages = %s, want %s", got, side.want)
			}
		}
	})
}

// noTap is the point of a task that nobody taps.
func noTap() *tap.Point { return tap.NewPoint(0, tap.NewMask(nil, func(s string) string { return s })) }
