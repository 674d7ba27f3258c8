package dryrun_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker/dryrun"
	"github.com/twmb/franz-go/pkg/kgo"
)

// transform is a transform made of a function.
type transform func(*connect.Record) (*connect.Record, error)

func (t transform) Apply(r *connect.Record) (*connect.Record, error) { return t(r) }

// noHeaders converts the headers of records that have none.
type noHeaders struct{}

func (noHeaders) FromConnectHeader(string, string, *data.Schema, any) ([]byte, error) {
	return nil, errors.ErrUnsupported
}

func (noHeaders) ToConnectHeader(string, string, []byte) (*data.Schema, any, error) {
	return nil, nil, errors.ErrUnsupported
}

// jsonPlan converts JSON and passes records through the transforms, in order.
func jsonPlan(chain ...transform) *plan.Connector {
	conv := plan.Converter{Converter: connecttest.Converter{Fmt: connect.FormatJSON}, Class: "JSON"}
	p := &plan.Connector{Name: "c", Class: "Connector", Key: conv, Value: conv,
		Header: plan.HeaderConverter{HeaderConverter: noHeaders{}, Class: "Headers"}}
	for i, t := range chain {
		p.Chain = append(p.Chain, plan.Step{Transform: t, Alias: fmt.Sprint("t", i), Class: fmt.Sprint("T", i)})
	}
	return p
}

func pass(r *connect.Record) (*connect.Record, error) { return r, nil }

func drop(*connect.Record) (*connect.Record, error) { return nil, nil }

// described is a result in short.
func described(r dryrun.Result) string {
	var b strings.Builder
	for _, s := range r.Stages {
		fmt.Fprintf(&b, "%s %s | ", s.Name(), s.Value)
	}
	b.WriteString(r.Outcome)
	if r.Rejection != nil {
		fmt.Fprintf(&b, " at %s by %s: %s", r.Rejection.Stage, r.Rejection.Class, r.Rejection.Reason)
	}
	return b.String()
}

func TestSink(t *testing.T) {
	for _, c := range []struct {
		name  string
		chain []transform
		value string
		want  string
	}{
		{"passed", []transform{pass}, "1", "consumed 1 | converted 1 | after t0 unchanged 1 | passed"},
		{"dropped", []transform{drop, pass}, "1", "consumed 1 | converted 1 | after t0 dropped null | dropped"},
		{"hidden", nil, `{"password":"x"}`, `consumed {"password":"[hidden]"} | converted {"password":"[hidden]"} | passed`},
		{"value that nobody looks at", nil, "{", `consumed "{" | converted null | ` +
			"rejected at VALUE_CONVERTER by JSON: decode json: unexpected EOF"},
		{"transform", []transform{func(*connect.Record) (*connect.Record, error) { return nil, errors.New("no") }}, "1",
			"consumed 1 | converted 1 | rejected at TRANSFORMATION by T0: no"},
		{"panic", []transform{func(*connect.Record) (*connect.Record, error) { panic("oh") }}, "1",
			"consumed 1 | converted 1 | rejected at TRANSFORMATION by T0: panic: oh"},
		{"away", []transform{func(*connect.Record) (*connect.Record, error) { return nil, connect.Retriable(errors.New("away")) }},
			"1", "consumed 1 | converted 1 | unknown at TRANSFORMATION by T0: away"},
	} {
		t.Run(c.name, func(t *testing.T) {
			run := dryrun.New(jsonPlan(c.chain...), []string{"password"})
			for range 2 { // the second knows nothing of the first
				r := run.Sink(t.Context(), &kgo.Record{Topic: "in", Value: []byte(c.value)})
				if got := described(r); got != c.want {
					t.Errorf("%s\nwant %s", got, c.want)
				}
				if (r.ToSink != nil) != (r.Outcome == dryrun.Passed) {
					t.Errorf("the task would be put %v", r.ToSink)
				}
			}
		})
	}
}

func TestSource(t *testing.T) {
	for _, c := range []struct {
		name  string
		chain []transform
		value any
		want  string
	}{
		{"passed", []transform{pass}, "a", `polled "a" | after t0 unchanged "a" | converted "a" | passed`},
		{"dropped", []transform{drop}, "a", `polled "a" | after t0 dropped null | dropped`},
		{"converter", nil, make(chan int), "polled null | rejected at VALUE_CONVERTER by JSON: json: unsupported type: chan int"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := dryrun.New(jsonPlan(c.chain...), nil).Source(t.Context(),
				&connect.SourceRecord{Record: connect.Record{Topic: "out", Value: connect.Decoded(nil, c.value)}})
			if got := described(r); got != c.want {
				t.Errorf("%s\nwant %s", got, c.want)
			}
			if (r.ToKafka != nil) != (r.Outcome == dryrun.Passed) {
				t.Errorf("Kafka would get %v", r.ToKafka)
			}
		})
	}
}

func Example() {
	run := dryrun.New(jsonPlan(pass), nil) // of a plan that plan.Compile made
	result := run.Sink(context.Background(), &kgo.Record{Topic: "orders", Value: []byte(`{"order": 1}`)})
	for _, s := range result.Stages {
		fmt.Println(s.Name()+":", s.Text())
	}
	fmt.Println(result.Outcome)
	// Output:
	// consumed: orders-0@0   value {"order":1}
	// converted: orders-0@0   value {"order":1}
	// after t0 unchanged: orders-0@0   value {"order":1}
	// passed
}
