package parsers

import (
	"fmt"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/transforms/internal/smt"
	"github.com/suiro/suiro/transforms/internal/smt/smttest"
)

func TestUnpackCookie(t *testing.T) {
	smttest.Run(t, "unpack_cookie", UnpackCookieKeyPlugin(), UnpackCookieValuePlugin())
}

func TestUnpackCookieKeepsThePromises(t *testing.T) {
	keepsThePromises(t, func(p Place) (connect.Transform, error) {
		return NewUnpackCookie(smt.Value, UnpackCookieConfig{Place: p, Cookies: []string{"sid", "lang"}})
	}, "sid=abc; q=%E6%B0%B4")
}

func ExampleUnpackCookie() {
	transform, err := NewUnpackCookie(smt.Value, UnpackCookieConfig{Place: Place{Field: "cookie"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := transform.Apply(&connect.Record{Value: connect.Decoded(nil,
		map[string]any{"host": "127.0.0.1", "cookie": "sid=abc; q=%E6%B0%B4%E8%B7%AF"})})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, v, err := r.Value.Decode()
	fmt.Println(v, err)
	// Output: map[cookie:map[q:水路 sid:abc] host:127.0.0.1] <nil>
}

func FuzzUnpackCookie(f *testing.F) {
	for _, header := range []string{"", "-", "a=1; b=%E6%B0%B4", "a; =b; c=", "a=%", "_raw=1; x", "a=\xff"} {
		f.Add([]byte(header))
	}
	fuzz(f, func(p Place) (connect.Transform, error) {
		return NewUnpackCookie(smt.Value, UnpackCookieConfig{Place: p, Bad: "raw", Nulls: []string{"-"}})
	})
}

func BenchmarkUnpackCookie(b *testing.B) {
	transform, err := NewUnpackCookie(smt.Value, UnpackCookieConfig{Place: Place{Field: "cookie"}})
	if err != nil {
		b.Fatal(err)
	}
	smttest.Benchmark(b, transform, &connect.Record{Topic: "t", Value: connect.Decoded(nil,
		map[string]any{"host": "a", "cookie": "sid=0123456789abcdef; lang=ja; q=%E6%B0%B4%E8%B7%AF"})})
}
