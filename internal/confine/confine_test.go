//go:build !race

package confine_test

import (
	"context"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/suiro/suiro/internal/confine"
)

const mib = 1 << 20

// hold is the variable by which a test asks this one, in another process, to hold so
// many MiB.
const hold = "CONFINE_TEST_HOLDS"

// held keeps what was allocated from being collected.
var held [][]byte

func TestALimitEndsAProgramThatHoldsMore(t *testing.T) {
	if n, err := strconv.Atoi(os.Getenv(hold)); err == nil {
		for range n {
			block := make([]byte, mib)
			for i := 0; i < len(block); i += 4096 {
				block[i] = 1
			}
			held = append(held, block)
		}
		return
	}
	for _, c := range []struct {
		mib  int
		ends bool
	}{{100, false}, {300, false}, {520, true}, {2000, true}} {
		cmd := confine.Command(t.Context(), 512*mib, os.Args[0], "-test.run=^"+t.Name()+"$")
		cmd.Env = append(os.Environ(), hold+"="+strconv.Itoa(c.mib))
		out, err := cmd.CombinedOutput()
		if got := err != nil; got != c.ends {
			t.Errorf("a program that holds %d MiB under 512: %v, want an error: %v\n%s", c.mib, err, c.ends, out)
		}
		if c.ends && !strings.Contains(string(out), "cannot allocate memory") && !strings.Contains(string(out), "out of memory") {
			t.Errorf("a program that holds %d MiB ended with\n%s\nwant that of memory", c.mib, out)
		}
	}
}

func TestTestRunsUnderTheLimit(t *testing.T) {
	for _, name := range []string{"one", "another (with signs: .*)"} {
		t.Run(name, func(t *testing.T) {
			if !confine.Test(t, 256*mib) {
				return
			}
			var limit syscall.Rlimit
			if err := syscall.Getrlimit(syscall.RLIMIT_DATA, &limit); err != nil {
				t.Fatal(err)
			}
			if got, want := limit.Cur, uint64(256*mib); got != want || limit.Max != want {
				t.Errorf("the limit is %d, at most %d, want %d", got, limit.Max, want)
			}
		})
	}
}

// failing records what confine.Test says, in place of a test that fails.
type failing struct {
	testing.TB
	said bool
}

func (f *failing) Errorf(string, ...any) { f.said = true }

func TestTestFailsWhenTheTestFailsThere(t *testing.T) {
	f := &failing{TB: t}
	if confine.Test(f, 256*mib) {
		t.Fatal("in the other process")
	}
	if !f.said {
		t.Error("confine.Test passed a test that failed under the limit")
	}
}

func TestCommandIsTheProgramItself(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cmd := confine.Command(ctx, 512*mib, "cat")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := confine.Peak(cmd.Process.Pid); err != nil {
		t.Errorf("Peak of a running process: %v", err)
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("cat: %v", err)
	}
	if _, err := confine.Peak(cmd.Process.Pid); err == nil {
		t.Error("Peak of a process that has ended is no error")
	}
}

func TestPeakIsTheMostThatWasHeld(t *testing.T) {
	before, err := confine.Peak(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	block := make([]byte, before+64*mib)
	for i := 0; i < len(block); i += 4096 {
		block[i] = 1
	}
	after, err := confine.Peak(os.Getpid())
	if err != nil || after < before+32*mib {
		t.Errorf("Peak = %d, %v after %d and %d more", after, err, before, len(block))
	}
	held = append(held, block)
}
