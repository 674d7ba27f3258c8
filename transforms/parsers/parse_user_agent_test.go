package parsers

import (
	"fmt"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/transforms/internal/smt"
	"github.com/suiro/suiro/transforms/internal/smt/smttest"
)

func TestParseUserAgent(t *testing.T) {
	smttest.Run(t, "parse_user_agent", ParseUserAgentKeyPlugin(), ParseUserAgentValuePlugin())
}

func newUserAgent(p Place) (connect.Transform, error) {
	return NewParseUserAgent(smt.Value, ParseUserAgentConfig{Place: p, Nulls: []string{"-"}})
}

func TestParseUserAgentKeepsThePromises(t *testing.T) {
	keepsThePromises(t, newUserAgent, "curl/8.5.0")
}

func ExampleParseUserAgent() {
	transform, err := NewParseUserAgent(smt.Value, ParseUserAgentConfig{Place: Place{Field: "agent"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := transform.Apply(&connect.Record{Value: connect.Decoded(nil, map[string]any{"status": int64(200),
		"agent": "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"})})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, v, err := r.Value.Decode()
	if err != nil {
		fmt.Println(err)
		return
	}
	agent := v.(map[string]any)["agent"].(map[string]any)
	fmt.Println(agent["name"], agent["version"], "on", agent["os_name"], agent["device_type"])
	// Output: Firefox 133.0 on Ubuntu desktop
}

func FuzzParseUserAgent(f *testing.F) {
	for _, header := range []string{"", "-", "curl/8.5.0", "Mozilla/5.0 (compatible; Googlebot/2.1)", "\xff"} {
		f.Add([]byte(header))
	}
	fuzz(f, newUserAgent)
}

func BenchmarkParseUserAgent(b *testing.B) {
	transform, err := newUserAgent(Place{Field: "agent"})
	if err != nil {
		b.Fatal(err)
	}
	smttest.Benchmark(b, transform, &connect.Record{Topic: "t", Value: connect.Decoded(nil,
		map[string]any{"host": "a", "agent": "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"})})
}
