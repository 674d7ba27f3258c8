package redaction

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/internal/smt"
	"github.com/suiro/suiro/transforms/internal/smt/smttest"
)

const secret = "0123456789abcdef"

func TestRedact(t *testing.T) {
	smttest.Run(t, "redact", RedactKeyPlugin(), RedactValuePlugin())
}

func TestRedactKeepsThePromises(t *testing.T) {
	transform, err := NewRedact(smt.Value, RedactConfig{Regex: "a", Replacement: "#"})
	if err != nil {
		t.Fatal(err)
	}
	connecttest.RunTransform(t, transform, smttest.Records()...)
}

func TestEqualTextsHaveEqualHashes(t *testing.T) {
	transform, err := NewRedact(smt.Value, RedactConfig{Detect: []string{"email", "card"}, HashKey: secret})
	if err != nil {
		t.Fatal(err)
	}
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte("a@b.example"))
	hash := hex.EncodeToString(h.Sum(nil))
	got, changed, err := transform.text("a@b.example or a@b.example")
	if want := hash + " or " + hash; got != want || !changed || err != nil {
		t.Errorf("it becomes %v, %v, want %s", got, err, want)
	}
}

func TestWhatIsNotFoundIsPassedOnAsItIs(t *testing.T) {
	transform, err := NewRedact(smt.Value, RedactConfig{Detect: []string{"email"}, Replacement: "#"})
	if err != nil {
		t.Fatal(err)
	}
	r := &connect.Record{Value: connect.Decoded(nil, map[string]any{"a": []any{"b", map[any]any{int64(1): "c"}}})}
	if got, err := transform.Apply(r); got != r || err != nil {
		t.Errorf("Apply = %v, %v, want the record itself", got, err)
	}
}

func TestRedactGoesThroughAllText(t *testing.T) {
	transform, err := NewRedact(smt.Value, RedactConfig{Regex: "x+", Replacement: "#"})
	if err != nil {
		t.Fatal(err)
	}
	in := map[string]any{"x": "xx", "list": []any{"ax", int64(1), nil, []byte("x")}, "ids": map[any]any{int64(1): "x", int64(2): "y"},
		"pairs": data.Pairs{{Key: []byte("x"), Value: "x"}, {Key: []byte("y"), Value: 1.5}}, "y": "y"}
	want := map[string]any{"x": "#", "list": []any{"a#", int64(1), nil, []byte("x")}, "ids": map[any]any{int64(1): "#", int64(2): "y"},
		"pairs": data.Pairs{{Key: []byte("x"), Value: "#"}, {Key: []byte("y"), Value: 1.5}}, "y": "y"}
	r, err := transform.Apply(&connect.Record{Value: connect.Decoded(nil, in)})
	if err != nil {
		t.Fatal(err)
	}
	if _, got, _ := r.Value.Decode(); !data.Equal(got, want) {
		t.Errorf("it becomes %v, want %v", got, want)
	}
}

// Neither the secret nor the text of a record is in an error.
func TestErrorsAreRedacted(t *testing.T) {
	for _, p := range []connect.TransformPlugin{RedactKeyPlugin(), RedactValuePlugin()} {
		v, err := p.Def.Parse(map[string]string{"detect": "email", "hash.key": "s3cret"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.New(v); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s with a short secret: %v", p.Class, err)
		}
	}
	transform, err := NewRedact(smt.Value, RedactConfig{Regex: `(?=a)(a*)*\1b`})
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("a", 200)
	_, err = transform.Apply(&connect.Record{Topic: "t", Value: connect.Decoded(nil, map[string]any{"f": text})})
	if err == nil || strings.Contains(err.Error(), "aaaa") {
		t.Errorf("an expression that takes too long: %v, want an error without the text", err)
	}
}

func ExampleRedact() {
	transform, err := NewRedact(smt.Value, RedactConfig{Detect: []string{"email", "card"}, Regex: `(?<=session=)\w+`,
		Replacement: "***"})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := transform.Apply(&connect.Record{Value: connect.Decoded(nil,
		"ann@shop.example paid with 4111 1111 1111 1111, session=8f3a")})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, v, err := r.Value.Decode()
	fmt.Println(v, err)
	// Output: *** paid with ***, session=*** <nil>
}

func BenchmarkRedact(b *testing.B) {
	transform, err := NewRedact(smt.Value, RedactConfig{Detect: kinds(), Replacement: "***"})
	if err != nil {
		b.Fatal(err)
	}
	smttest.Benchmark(b, transform, &connect.Record{Value: connect.Decoded(nil, map[string]any{
		"agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", "user": "ann@shop.example", "path": "/cart?id=42"})})
}
