package connecttest_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/connecttest"
)

// A task can be called without a worker: the context records what the task asks for.
// In a test, StartSink does these calls and checks what comes back.
func ExampleSinkContext() {
	worker := connecttest.NewSinkContext()
	var task connect.SinkTask = &memorySink{}
	if err := task.Start(context.Background(), worker, config.Values{}); err != nil {
		fmt.Println(err)
		return
	}
	bad := &connect.SinkRecord{OriginalTopic: "access"} // its value is null
	records := append(connecttest.Records(p0, 0, `{"a":1}`), bad)
	if err := task.Put(context.Background(), records); err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range worker.Reports() {
		fmt.Println("rejected:", r.Reason)
	}
	worker.Tolerate(false)
	fmt.Println(errors.Is(task.Put(context.Background(), records[1:]), connecttest.ErrNotTolerated))
	// Output:
	// rejected: null value
	// true
}

// A Validator is told what arrives and what is committed, and says what is wrong.
func ExampleValidator() {
	v := connecttest.NewValidator()
	v.Delivered(p0, 0)
	v.Committed(connect.Offsets{p0: 2})
	v.Delivered(p0, 1)
	fmt.Println(v.Finish(connect.Offsets{p0: 2}))
	// Output: [access-0 was committed to 2 while offset 1 had not arrived]
}
