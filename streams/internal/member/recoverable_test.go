package member_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/streams/internal/member"
	"github.com/suiro/suiro/streams/topology"
)

func TestRecoverable(t *testing.T) {
	refused := &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	full := &fs.PathError{Op: "write", Path: "state/000002.log", Err: syscall.ENOSPC}
	tests := []struct {
		name string
		err  error
		want bool
	}{
		{"fenced by a newer producer", kerr.ProducerFenced, true},
		{"transaction timed out", kerr.InvalidTxnState, true},
		{"epoch was given up to stop", kgo.ErrClientClosed, true},
		{"broker lost what was written", kerr.OutOfOrderSequenceNumber, true},
		{"group forgot the member", kerr.UnknownMemberID, true},
		{"broker is busy", kerr.NotLeaderForPartition, true},
		{"broker is not there", refused, true},
		{"broker broke off", io.ErrUnexpectedEOF, true},
		{"disk is full", full, false},
		{"file is gone", &fs.PathError{Op: "open", Path: "state", Err: syscall.ENOENT}, false},
		{"record is bad", &topology.Rejection{Stage: topology.Processing, Err: errors.New("bad")}, false},
		{"not allowed", kerr.TopicAuthorizationFailed, false},
		{"record is too large", kerr.MessageTooLarge, false},
		{"code of the app", errors.New("anything"), false},
	}
	for _, tt := range tests {
		if got := member.Recoverable(fmt.Errorf("task 0_0: %w", tt.err)); got != tt.want {
			t.Errorf("%s: Recoverable(%v) = %v, want %v", tt.name, tt.err, got, tt.want)
		}
	}
}
