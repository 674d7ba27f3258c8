package stateless_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/internal/stateless"
	"github.com/suiro/suiro/streams/topology"
)

type record = node.Record[string, int]

// records are a few, of which one has no key and one no value.
func records() []record {
	at := time.UnixMilli(5).UTC()
	headers := []topology.Header{{Key: "h", Value: []byte("v")}}
	return []record{
		{Key: "a", Value: 1, Timestamp: at, Headers: headers}, {Key: "b", Value: 2, Timestamp: at},
		{NullKey: true, Value: 3, Timestamp: at}, {Key: "c", NullValue: true, Timestamp: at},
	}
}

// TestNodes gives each node the records and looks at what comes out.
func TestNodes(t *testing.T) {
	var out []string
	to := func(name string) node.Handler[string, int] {
		return func(r *record) error {
			out = append(out, fmt.Sprintf("%s %s=%d null %v %v at %d headers %d", name, r.Key, r.Value, r.NullKey, r.NullValue,
				r.Timestamp.UnixMilli(), len(r.Headers)))
			r.Key, r.Value = "changed", -1 // a node may change what it gets
			return nil
		}
	}
	odd := func(_ string, n int) bool { return n%2 == 1 }
	for name, tt := range map[string]struct {
		node node.Handler[string, int]
		want []string
	}{
		"filter": {stateless.Filter(odd, to("x")), []string{"x a=1 null false false at 5 headers 1",
			"x =3 null true false at 5 headers 0"}},
		"keyed": {stateless.Keyed(to("x")), []string{"x a=1 null false false at 5 headers 1",
			"x b=2 null false false at 5 headers 0", "x c=0 null false true at 5 headers 0"}},
		"branch": {stateless.Branch([]func(string, int) bool{odd}, []node.Handler[string, int]{to("odd")}, to("rest")),
			[]string{"odd a=1 null false false at 5 headers 1", "rest b=2 null false false at 5 headers 0",
				"odd =3 null true false at 5 headers 0", "rest c=0 null false true at 5 headers 0"}},
		"map": {stateless.Map(func(k string, n int) (string, int, error) { return k + "!", 10 * n, nil }, to("x")),
			[]string{"x a!=10 null false false at 5 headers 1", "x b!=20 null false false at 5 headers 0",
				"x !=30 null false false at 5 headers 0", "x c!=0 null false false at 5 headers 0"}},
		"map values": {stateless.MapValues(func(_ string, n int) (int, error) { return n + 1, nil }, to("x")),
			[]string{"x a=2 null false false at 5 headers 1", "x b=3 null false false at 5 headers 0",
				"x =4 null true false at 5 headers 0", "x c=1 null false false at 5 headers 0"}},
		"select key": {stateless.SelectKey(func(_ string, n int) (string, error) { return fmt.Sprint(n), nil }, to("x")),
			[]string{"x 1=1 null false false at 5 headers 1", "x 2=2 null false false at 5 headers 0",
				"x 3=3 null false false at 5 headers 0", "x 0=0 null false true at 5 headers 0"}},
		"flat map": {stateless.FlatMap(func(k string, n int, emit func(string, int) error) error {
			for range n - 1 { // none of the first record, one of the second, two of the third
				if err := emit(k+"+", n); err != nil {
					return err
				}
			}
			return nil
		}, to("x")), []string{"x b+=2 null false false at 5 headers 0", "x +=3 null false false at 5 headers 0",
			"x +=3 null false false at 5 headers 0"}},
	} {
		out = nil
		for _, r := range records() {
			if err := tt.node(&r); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if !slices.Equal(out, tt.want) {
			t.Errorf("%s:\n%s\nwant\n%s", name, strings.Join(out, "\n"), strings.Join(tt.want, "\n"))
		}
	}
}

// What fails is not passed on.
func TestAnErrorEndsTheWayOfARecord(t *testing.T) {
	why := errors.New("no")
	next := func(*record) error { t.Error("the record went on"); return nil }
	for name, node := range map[string]node.Handler[string, int]{
		"map":        stateless.Map(func(string, int) (string, int, error) { return "", 0, why }, next),
		"map values": stateless.MapValues(func(string, int) (int, error) { return 0, why }, next),
		"select key": stateless.SelectKey(func(string, int) (string, error) { return "", why }, next),
		"flat map":   stateless.FlatMap(func(string, int, func(string, int) error) error { return why }, next),
	} {
		if err := node(&record{Key: "a"}); !errors.Is(err, why) {
			t.Errorf("%s: error %v, want %v", name, err, why)
		}
	}
}

func TestPrintWritesALineForEachRecord(t *testing.T) {
	var b strings.Builder
	see := stateless.Print[string, int](&b)
	for _, r := range records()[:2] {
		if err := see("KSTREAM-SOURCE-0000000000", &r); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := b.String(), "[KSTREAM-SOURCE-0000000000]: a, 1\n[KSTREAM-SOURCE-0000000000]: b, 2\n"; got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
}
