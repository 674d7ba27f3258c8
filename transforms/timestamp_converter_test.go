package transforms

import (
	"fmt"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/internal/smt/smttest"
)

func TestTimestampConverter(t *testing.T) {
	smttest.Run(t, "timestamp_converter", TimestampConverterKeyPlugin(), TimestampConverterValuePlugin())
}

func TestTimestampConverterKeepsThePromises(t *testing.T) {
	transform, err := NewTimestampConverter(Value, TimestampConverterConfig{Field: "f1", TargetType: "Timestamp"})
	if err != nil {
		t.Fatal(err)
	}
	connecttest.RunTransform(t, transform, smttest.Records()...)
}

func TestTimestampConverterConvertsTheDefaultOfAStruct(t *testing.T) {
	convert, err := NewTimestampConverter(Value, TimestampConverterConfig{Field: "at", TargetType: "unix", UnixPrecision: "seconds"})
	if err != nil {
		t.Fatal(err)
	}
	s := &data.Schema{Kind: data.Struct, Default: map[string]any{"at": int64(5)},
		Fields: []data.Field{{Name: "at", Schema: &data.Schema{Kind: data.Int64}}}}
	r, err := convert.Apply(&connect.Record{Value: connect.Decoded(s, map[string]any{"at": int64(7)})})
	if err != nil {
		t.Fatal(err)
	}
	got, _, _ := r.Value.Decode()
	if want := map[string]any{"at": int64(5)}; !data.Equal(got.Default, want) {
		t.Errorf("default = %v, want %v", got.Default, want)
	}
}

func TestNewTimestampConverterSaysWhatIsMissing(t *testing.T) {
	for want, c := range map[string]TimestampConverterConfig{
		"target.type": {}, "pattern to write": {TargetType: "string"}, "letter b": {TargetType: "unix", Format: "b"},
	} {
		if _, err := NewTimestampConverter(Key, c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("NewTimestampConverter(%+v) = %v, want an error with %q", c, err, want)
		}
	}
}

func ExampleTimestampConverter() {
	convert, err := NewTimestampConverter(Value, TimestampConverterConfig{
		Field: "at", TargetType: "string", Format: "yyyy-MM-dd HH:mm:ss z"})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := convert.Apply(&connect.Record{Value: connect.Decoded(nil, map[string]any{"at": int64(1768469412345)})})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, v, err := r.Value.Decode()
	fmt.Println(v, err)
	// Output: map[at:2026-01-15 09:30:12 UTC] <nil>
}

func BenchmarkTimestampConverter(b *testing.B) {
	convert, err := NewTimestampConverter(Value, TimestampConverterConfig{
		Field: "f1", TargetType: "string", Format: "yyyy-MM-dd'T'HH:mm:ss.SSSXXX"})
	if err != nil {
		b.Fatal(err)
	}
	s, v := smttest.Wide()
	smttest.Benchmark(b, convert, &connect.Record{Topic: "access", Value: connect.Decoded(s, v)})
}
