package sinkkit_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/sinkkit"
)

// printed is a worker that prints what a sink asks of it.
type printed struct{}

func (printed) Pause(p ...connect.TopicPartition)  { fmt.Println("pause", p) }
func (printed) Resume(p ...connect.TopicPartition) { fmt.Println("resume", p) }

// A sink that may hold three records takes three, writes them in any order, and
// says what is safe to commit.
func Example() {
	part := connect.TopicPartition{Topic: "orders"}
	budget := sinkkit.NewBudget(printed{}, sinkkit.Load{Records: 3})
	budget.Open(part)
	var prefix sinkkit.Prefix

	// Put: records 5, 6 and 7.
	var pending []sinkkit.Pending
	for offset := range int64(3) {
		pending = append(pending, prefix.Add(5+offset))
		budget.Take(sinkkit.Load{Records: 1})
	}

	// A goroutine that writes: 6 and 7 first, and 5 at the second try.
	pending[1].Settle()
	pending[2].Settle()
	budget.Release(sinkkit.Load{Records: 2})
	fmt.Println("safe to commit:", prefix.Safe(8))
	retry := sinkkit.Retry{What: "write an order", First: time.Millisecond}
	if err := retry.Again(context.Background(), errors.New("connection refused")); err == nil {
		pending[0].Settle()
		budget.Release(sinkkit.Load{Records: 1})
		retry.Done(nil)
	}
	fmt.Println("safe to commit:", prefix.Safe(8))
	// Output:
	// pause [orders-0]
	// resume [orders-0]
	// safe to commit: 5
	// safe to commit: 8
}

// Records of one day go to one index.
func ExampleTimePattern() {
	daily, err := sinkkit.ParseTimePattern("'orders-'yyyy.MM.dd")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(daily.Format(time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)), daily.Unit())
	// Output: orders-2026.03.04 24h0m0s
}
