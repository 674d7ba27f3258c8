package routers

import (
	"fmt"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/internal/javaregex"
	"github.com/suiro/suiro/transforms/internal/smt/smttest"
)

func TestRegexRouter(t *testing.T) { smttest.Run(t, "regex_router", RegexRouterPlugin()) }

func TestRegexRouterKeepsThePromises(t *testing.T) {
	transform, err := NewRegexRouter(RegexRouterConfig{Regex: "(.*)", Replacement: "new-$1"})
	if err != nil {
		t.Fatal(err)
	}
	connecttest.RunTransform(t, transform, smttest.Records()...)
}

// FuzzReplacement quotes text in Java's way: it must come out as it is.
func FuzzReplacement(f *testing.F) {
	f.Add("new-$1", "a$b\\c")
	f.Add("${x}", "$$")
	f.Add(`\`, "")
	regex, err := javaregex.ParsePattern(`(t)(?<x>o)pic`)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, replacement, text string) {
		_, _ = parseReplacement(replacement, regex)
		quoted, err := parseReplacement(strings.NewReplacer(`\`, `\\`, "$", `\$`).Replace(text), regex)
		if err != nil || len(quoted) != 1 || quoted[0] != (segment{text, -1}) {
			t.Errorf("parseReplacement of %q quoted = %v, %v", text, quoted, err)
		}
	})
}

func ExampleRegexRouter() {
	router, err := NewRegexRouter(RegexRouterConfig{Regex: "(.*)-json", Replacement: "index-$1"})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := router.Apply(&connect.Record{Topic: "access-json"})
	fmt.Println(r.Topic, err)
	// Output: index-access <nil>
}

func BenchmarkRegexRouter(b *testing.B) {
	router, err := NewRegexRouter(RegexRouterConfig{Regex: "(.*)-json", Replacement: "index-$1"})
	if err != nil {
		b.Fatal(err)
	}
	smttest.Benchmark(b, router, &connect.Record{Topic: "access-json"})
}

func TestRegexRouterMakesNoNameThatIsNotATopic(t *testing.T) {
	for topic, want := range map[string]bool{
		"a": true, strings.Repeat("a", 249): true, "...": true, "a.b_c-D9": true,
		"b": false, "c": false, "d": false, "e": false, "f": false,
	} {
		replacement := map[string]string{"b": ".", "c": "..", "d": strings.Repeat("a", 250), "e": "é", "f": "a\x00"}[topic]
		if replacement == "" {
			replacement = "$0"
		}
		router, err := NewRegexRouter(RegexRouterConfig{Regex: ".*", Replacement: replacement})
		if err != nil {
			t.Fatal(err)
		}
		if r, err := router.Apply(&connect.Record{Topic: topic}); (err == nil) != want || err != nil && len(err.Error()) > 600 {
			t.Errorf("%.20q: %v, %v, want a topic: %v", topic, r, err, want)
		}
	}
}
