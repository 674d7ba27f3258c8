package streams_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/suiro/suiro/streams"
)

// timed are nodes that have a time of their own, below a stream; each writes to out.
var timed = map[string]struct {
	build   func(in *words)
	in, out []string
}{
	"windows": {func(in *words) {
		spans(streams.CountWindows(byKey(in).WindowedBy(streams.TimeWindows{Size: 10 * time.Second}), "n"))
	}, []string{"a=1@10", "a=2@11"}, []string{"a@10-20=2"}},
	"windows that are emitted when they close": {func(in *words) {
		w := streams.TimeWindows{Size: 10 * time.Second}
		spans(streams.CountWindows(byKey(in).WindowedBy(w), "n", streams.EmitOnWindowClose()))
	}, []string{"a=1@10", "a=2@11"}, nil},
	"sliding windows": {func(in *words) {
		w := streams.SlidingWindows{TimeDifference: 10 * time.Second}
		spans(streams.CountWindows(byKey(in).WindowedBy(w), "n"))
	}, []string{"a=1@10", "a=2@10"}, []string{"a@0-10=2"}},
	"sessions": {func(in *words) {
		spans(streams.CountSessions(byKey(in).SessionWindowedBy(streams.SessionWindows{InactivityGap: 10 * time.Second}), "n"))
	}, []string{"a=1@10", "a=2@11"}, []string{"a@10-11=2"}},
	"updates that are held": {func(in *words) {
		toOut(streams.Reduce(byKey(in), "n", plus, streams.String(), streams.WithoutCaching()).
			Suppress(streams.UntilTimeLimit(10*time.Second, streams.BufferConfig{MaxRecords: 100})).ToStream())
	}, []string{"a=1@10", "a=2@11"}, nil},
	"keys that expire": {func(in *words) {
		toOut(streams.Reduce(byKey(in), "n", plus, streams.String(), streams.WithTTL(10*time.Second)).ToStream())
	}, []string{"a=1@10", "a=2@11"}, []string{"a=1+2"}},
	"joins of streams": {func(in *words) {
		left, right := in.Filter(func(_, v string) bool { return v == "1" }), in.Filter(func(_, v string) bool { return v == "2" })
		toOut(streams.LeftJoin(left, right, streams.JoinWindows{After: 10 * time.Second},
			func(l string, r *string) (string, error) {
				if r == nil {
					return l, nil
				}
				return l + *r, nil
			}, streams.String(), streams.String(), streams.String()))
	}, []string{"a=1@10", "a=2@11"}, []string{"a=12"}},
}

// The time of a node is that of the records that come to it. One that was left out in front of it, or
// whose timestamp was another one in front of it, closes no window and expires nothing.
func TestTimeIsThatOfTheRecordsThatCome(t *testing.T) {
	for name, tt := range timed {
		t.Run("filtered/"+name, func(t *testing.T) {
			d := drive(t, build(t, func(in *words) {
				tt.build(in.Filter(func(_, v string) bool { return v != "ahead" }))
			}), nil)
			d.send(tt.in[0], "b=ahead@5000", tt.in[1])
			same(t, "output", d.read("out"), tt.out)
		})
		t.Run("set/"+name, func(t *testing.T) {
			d := drive(t, build(t, func(in *words) {
				tt.build(streams.Process(in, func(ctx *streams.Context[string, string]) streams.Processor[string, string] {
					return streams.ProcessorFunc[string, string](func(r *streams.Record[string, string]) error {
						value, at := r.Value[:1], r.Value[2:]
						seconds, err := strconv.Atoi(at)
						if err != nil {
							return err
						}
						r.Value, r.Timestamp = value, second(seconds)
						return ctx.Forward(r)
					})
				}).MarkAsPartitioned())
			}), nil)
			d.send("a=1 10@5000", "a=2 "+tt.in[1][len(tt.in[1])-2:]+"@7000")
			same(t, "output", d.read("out"), tt.out)
		})
	}
}
