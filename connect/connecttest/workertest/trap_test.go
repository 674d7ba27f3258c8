package workertest

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"
)

// A source of few records has read them all long before a trap for its twelfth call
// springs, and each kill would wait for that in vain.
func TestTrapDoesNotWaitForIdleTasks(t *testing.T) {
	for name, c := range map[string]struct {
		idle    bool
		atLeast time.Duration
		atMost  time.Duration
	}{
		"idle": {idle: true, atMost: time.Second},
		"busy": {atLeast: patience, atMost: patience},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var tr trap
				began := time.Now()
				tr.await(tr.set(rand.New(rand.NewPCG(1, 0))), patience, func() bool { return c.idle })
				if took := time.Since(began); took < c.atLeast || took > c.atMost {
					t.Errorf("waited for %v, want %v to %v", took, c.atLeast, c.atMost)
				}
			})
		})
	}
}

// A sink that writes twice shows it only when it is killed after it was given records
// and before it is asked for their offsets.
func TestTrapBetweenTwoCalls(t *testing.T) {
	var tr trap
	g := newGate(tr.passed)
	tr.setBetween(putMethod, preCommitMethod)
	for _, method := range []string{"Open", preCommitMethod, "Put of nothing", preCommitMethod, putMethod, putMethod} {
		if tr.passed(g, method); g.isShut() {
			t.Fatalf("the gate is shut at %s", method)
		}
	}
	if tr.passed(g, preCommitMethod); !g.isShut() {
		t.Error("the gate is open when offsets of records are asked for")
	}
}
