package parsers

import (
	"fmt"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/transforms/formats/ltsv"
	"github.com/suiro/suiro/transforms/formats/ltsvdata"
	"github.com/suiro/suiro/transforms/formats/ltsvjson"
	"github.com/suiro/suiro/transforms/internal/smt"
	"github.com/suiro/suiro/transforms/internal/smt/smttest"
)

func TestParseLTSV(t *testing.T) {
	smttest.Run(t, "parse_ltsv", ParseLTSVKeyPlugin(), ParseLTSVValuePlugin())
}

func TestParseLTSVKeepsThePromises(t *testing.T) {
	keepsThePromises(t, func(p Place) (connect.Transform, error) {
		return NewParseLTSV(smt.Value, ParseLTSVConfig{Place: p,
			Format: ltsvdata.Options{Options: ltsvjson.Options{Keep: []string{"host", "status"}}, Schema: true}})
	}, "host:a\tstatus:200")
}

func ExampleParseLTSV() {
	types, err := ltsv.ParseTypes([]string{"status:int"})
	if err != nil {
		fmt.Println(err)
		return
	}
	transform, err := NewParseLTSV(smt.Value, ParseLTSVConfig{
		Format: ltsvdata.Options{Options: ltsvjson.Options{Types: types, Drop: []string{"user"}}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := transform.Apply(&connect.Record{Value: connect.Decoded(nil, "host:127.0.0.1\tuser:ada\tstatus:200")})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, v, err := r.Value.Decode()
	fmt.Println(v, err)
	// Output: map[host:127.0.0.1 status:200] <nil>
}

func FuzzParseLTSV(f *testing.F) {
	for _, text := range []string{"", "a:1", "a:1\tb:-\n", "a:1\ta:2", "a", "\xef\xbb\xbfa:1", "c:x=%E6%B0%B4; y", "a:\xff"} {
		f.Add([]byte(text))
	}
	fuzz(f, func(p Place) (connect.Transform, error) {
		return NewParseLTSV(smt.Value, ParseLTSVConfig{Place: p,
			Format: ltsvdata.Options{Options: ltsvjson.Options{Cookies: []string{"c"}, BadCookie: ltsvjson.Raw}}})
	})
}

func BenchmarkParseLTSV(b *testing.B) {
	transform, err := NewParseLTSV(smt.Value, ParseLTSVConfig{Place: Place{Field: "line"}})
	if err != nil {
		b.Fatal(err)
	}
	smttest.Benchmark(b, transform, &connect.Record{Topic: "t", Value: connect.Decoded(nil, map[string]any{
		"line": "time:[10/Oct/2000:13:55:36 -0700]\thost:127.0.0.1\treq:GET /apache_pb.gif HTTP/1.0\tstatus:200\tsize:2326"})})
}
