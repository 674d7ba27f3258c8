package routers

import (
	"fmt"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/transforms/internal/smt/smttest"
)

func TestTimestampRouter(t *testing.T) { smttest.Run(t, "timestamp_router", TimestampRouterPlugin()) }

func TestTimestampRouterKeepsThePromises(t *testing.T) {
	transform, err := NewTimestampRouter(TimestampRouterConfig{Topic: "${topic}-${timestamp}", Timestamp: "yyyyMMdd"})
	if err != nil {
		t.Fatal(err)
	}
	connecttest.RunTransform(t, transform, smttest.Records()...)
}

func ExampleTimestampRouter() {
	transform, err := NewTimestampRouter(TimestampRouterConfig{Topic: "${topic}-${timestamp}", Timestamp: "yyyyMMdd"})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := transform.Apply(&connect.Record{Topic: "access", Timestamp: time.UnixMilli(1768469412345)})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Topic)
	// Output: access-20260115
}

func BenchmarkTimestampRouter(b *testing.B) {
	transform, err := NewTimestampRouter(TimestampRouterConfig{Topic: "${topic}-${timestamp}", Timestamp: "yyyyMMdd"})
	if err != nil {
		b.Fatal(err)
	}
	smttest.Benchmark(b, transform, smttest.Records()[0])
}
