package bench

import (
	"os"
	"path/filepath"
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

func TestCPUIsUserAndSystemTime(t *testing.T) {
	for sum := 0; used(t) < 50*time.Millisecond; sum++ {
		_ = os.Getpid() // some time of each kind
	}
	before := used(t)
	got, err := cpuOf(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if after := used(t); got < before-2*clockTick || got > after+2*clockTick {
		t.Errorf("cpuOf = %v, want between %v and %v", got, before, after)
	}
}

func TestAProcessThatIsNotThere(t *testing.T) {
	if got, err := cpuOf(-1); err == nil {
		t.Errorf("cpuOf(-1) = %v, want an error", got)
	}
	if got, err := peakOf(-1); err == nil {
		t.Errorf("peakOf(-1) = %v, want an error", got)
	}
}

// The load that bench makes takes more memory than many a program that it measures.
func TestPeakIsThatOfTheProgramAlone(t *testing.T) {
	memory := make([]byte, 200<<20)
	for i := 0; i < len(memory); i += 4096 {
		memory[i] = 1
	}
	p, err := Start(filepath.Join(t.TempDir(), "log"), "sleep", "100")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Kill()
	got := 0.0
	err = p.Wait(t.Context(), time.Millisecond, func() (bool, error) {
		cmdline, err := os.ReadFile("/proc/" + itoa(p) + "/comm")
		if err == nil {
			got, err = p.Peak()
		}
		return string(cmdline) == "sleep\n", err
	})
	if err != nil {
		t.Fatal(err)
	}
	if got <= 0 || got > 50 {
		t.Errorf("sleep has a peak of %.1f MB beside %d MB of its parent, want a few", got, len(memory)>>20)
	}
}
