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
				tr.await(tr.set(rand.New(rand.NewPCG(1, 0))), func() bool { return c.idle })
				if took := time.Since(began); took < c.atLeast || took > c.atMost {
					t.Errorf("waited for %v, want %v to %v", took, c.atLeast, c.atMost)
				}
			})
		})
	}
}
