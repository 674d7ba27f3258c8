package elasticsearch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"testing"

	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/cluster"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/metrics"
)

func TestRetriesAreCountedByReason(t *testing.T) {
	for want, causes := range map[string][]error{
		metrics.Unreachable: {&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, syscall.ECONNRESET},
		metrics.Timeout:     {context.DeadlineExceeded, fmt.Errorf("ask: %w", context.DeadlineExceeded)},
		metrics.Busy:        {&cluster.StatusError{Status: 429}, &cluster.StatusError{Status: 503}},
		metrics.Documents:   {&refusedItems{first: &cluster.StatusError{Status: 429}, n: 1}},
		metrics.Failure:     {&cluster.StatusError{Status: 500}, errors.New("the answer is unreadable")},
	} {
		for _, cause := range causes {
			if got := retryReason(cause); got != want {
				t.Errorf("reason of %v = %s, want %s", cause, got, want)
			}
		}
	}
}

func TestEachBulkRequestIsMeasured(t *testing.T) {
	f := newFakeES(t)
	s := startSink(t, f)
	s.Put(connecttest.Records(p0, 0, `{"a":1}`)...)
	waitCommit(t, s, p0, 1)
	for _, name := range []string{"bulk_request_duration_seconds", "bulk_request_documents", "up"} {
		if got := metric(t, s, name); got != 1 {
			t.Errorf("%s = %v, want 1", name, got)
		}
	}
}
