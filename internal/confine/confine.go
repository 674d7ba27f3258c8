// Package confine runs a program, or a test of the running test binary, under a
// hard limit of memory, so that a test can show that input from outside does not
// decide how much memory a process takes.
//
//	func TestABombIsRefused(t *testing.T) {
//		if !confine.Test(t, 512<<20) {
//			return // it ran in a process of its own, with the same result
//		}
//		...
//	}
//
// The limit is RLIMIT_DATA: Linux counts every private page that may be written,
// which is the heap of a Go program, its stacks and what its runtime keeps. An
// allocation beyond it ends the program. Other systems do not count the heap, so
// there the program runs without a limit.
package confine

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// inside is the variable that tells a test that it runs under the limit. Its value
// is the name of the test.
const inside = "SUIRO_CONFINED_TEST"

// Command returns the command of a program that may hold no more than the given
// number of bytes. It is to be started by the caller, as one from exec.CommandContext;
// its process is the program itself, so that signals reach it. A shell named sh has to
// be on PATH.
func Command(ctx context.Context, bytes int64, name string, args ...string) *exec.Cmd {
	const limited = `ulimit -d "$0" && exec "$@"` // the shell counts in KiB
	words := append([]string{"-c", limited, strconv.FormatInt(bytes>>10, 10), name}, args...)
	return exec.CommandContext(ctx, "sh", words...)
}

// Raced reports whether this binary has the race detector, which holds more than the
// limits of tests by itself.
func Raced() bool { return raced }

// Test runs the calling test again, in a process that may hold no more than the given
// number of bytes. It returns true in that process, where the test does its work. In
// the first process it returns false when the other one has ended; the test then
// returns. It fails when it failed there, and so does it when the limit ended it. The
// test and those around it must have done nothing before that hurts to be done twice.
// In a binary with the race detector, which holds more than such limits by itself, the
// test is skipped.
func Test(t testing.TB, bytes int64) bool {
	t.Helper()
	if os.Getenv(inside) == t.Name() {
		return true
	}
	if raced {
		t.Skip("the race detector holds more than the limit; without it the test runs")
	}
	cmd := Command(t.Context(), bytes, os.Args[0], "-test.run="+pattern(t.Name()), "-test.count=1", "-test.v")
	if d, ok := deadline(t); ok {
		cmd.Args = append(cmd.Args, "-test.timeout="+time.Until(d).String())
	}
	cmd.Env = append(os.Environ(), inside+"="+t.Name())
	out, err := cmd.CombinedOutput()
	switch {
	case err != nil:
		t.Errorf("%s under a limit of %d MiB: %v\n%s", t.Name(), bytes>>20, err, last(out, 16<<10))
	case !strings.Contains(string(out), "--- PASS: "+t.Name()+" "):
		t.Errorf("%s did not run under a limit of %d MiB:\n%s", t.Name(), bytes>>20, last(out, 16<<10))
	}
	return false
}

// deadline is when the test binary gives up.
func deadline(t testing.TB) (time.Time, bool) {
	if d, ok := t.(interface{ Deadline() (time.Time, bool) }); ok {
		return d.Deadline()
	}
	return time.Time{}, false
}

// pattern is the value of -test.run that fits one test alone.
func pattern(test string) string {
	parts := strings.Split(test, "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	return strings.Join(parts, "/")
}

// last is the end of an output; a panic of many goroutines is long, and begins with
// what matters, so the beginning is kept too.
func last(out []byte, most int) string {
	if len(out) <= most {
		return string(out)
	}
	return string(out[:most/2]) + "\n...\n" + string(out[len(out)-most/2:])
}

// Peak returns the most bytes of memory that a running process has held at a time, as
// Linux counts them (VmHWM): pages of the program and of its libraries are among them.
func Peak(pid int) (int64, error) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("read the memory of process %d: %w", pid, err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		text, ok := strings.CutPrefix(lines.Text(), "VmHWM:")
		if !ok {
			continue
		}
		kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(text, "kB")), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read the memory of process %d: VmHWM: %w", pid, err)
		}
		return kib << 10, nil
	}
	return 0, errors.Join(lines.Err(), fmt.Errorf("read the memory of process %d: it has ended", pid))
}
