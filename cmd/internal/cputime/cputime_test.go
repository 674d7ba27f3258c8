package cputime

import (
	"os"
	"syscall"
	"testing"
	"time"
)

func used(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func TestOfIsUserAndSystemTime(t *testing.T) {
	for sum := 0; used(t) < 50*time.Millisecond; sum++ {
		_ = os.Getpid() // some time of each kind
	}
	before := used(t)
	got, err := Of(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if after := used(t); got < before-2*clockTick || got > after+2*clockTick {
		t.Errorf("Of = %v, want between %v and %v", got, before, after)
	}
}

func TestOfAProcessThatIsNotThere(t *testing.T) {
	if got, err := Of(-1); err == nil {
		t.Errorf("Of(-1) = %v, want an error", got)
	}
}
