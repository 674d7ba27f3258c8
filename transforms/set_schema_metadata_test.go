package transforms

import (
	"fmt"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/internal/smt/smttest"
)

func TestSetSchemaMetadata(t *testing.T) {
	smttest.Run(t, "set_schema_metadata", SetSchemaMetadataKeyPlugin(), SetSchemaMetadataValuePlugin())
}

func TestSetSchemaMetadataKeepsThePromises(t *testing.T) {
	transform, err := NewSetSchemaMetadata(Value, SetSchemaMetadataConfig{Name: "n"})
	if err != nil {
		t.Fatal(err)
	}
	connecttest.RunTransform(t, transform, smttest.Records()[0])
}

func ExampleSetSchemaMetadata() {
	transform, err := NewSetSchemaMetadata(Value, SetSchemaMetadataConfig{Name: "org.example.Line", Version: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := transform.Apply(&connect.Record{Value: connect.Decoded(&data.Schema{Kind: data.String}, "GET /")})
	if err != nil {
		fmt.Println(err)
		return
	}
	s, _, err := r.Value.Decode()
	fmt.Println(s.Name, s.Version, err)
	// Output: org.example.Line 2 <nil>
}

func BenchmarkSetSchemaMetadata(b *testing.B) {
	transform, err := NewSetSchemaMetadata(Value, SetSchemaMetadataConfig{Name: "n"})
	if err != nil {
		b.Fatal(err)
	}
	smttest.Benchmark(b, transform, smttest.Records()[0])
}
