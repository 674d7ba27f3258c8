package restore

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

// Tasks that are restored leave processors to those that process records, as long as there are
// some; without any they take what there is.
func TestRestoresLeaveProcessorsToTasksThatProcess(t *testing.T) {
	for name, tt := range map[string]struct {
		since time.Duration // since records were processed; 0 is never
		want  int           // parts of work at a time
	}{
		"nobody has processed any":  {0, 10},
		"others process":            {time.Nanosecond, max(1, runtime.GOMAXPROCS(0)/2)},
		"others have nothing to do": {busyFor, 10},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				turns := NewTurns(taskMemory)
				if tt.since > 0 {
					turns.Processing()
					<-time.After(tt.since)
				}
				release, working, done := make(chan struct{}), 0, 0
				count := make(chan int, 20)
				for range 10 {
					go func() {
						err := turns.do(t.Context(), func() error {
							count <- 1
							<-release
							return nil
						})
						if err != nil {
							t.Error(err)
						}
						count <- 0
					}()
				}
				synctest.Wait()
				for len(count) > 0 {
					working += <-count
				}
				if working != tt.want {
					t.Errorf("%d work at a time, want %d", working, tt.want)
				}
				close(release)
				synctest.Wait()
				for len(count) > 0 {
					done += 1 - <-count
				}
				if done != 10 {
					t.Errorf("%d have ended, want all", done)
				}
			})
		})
	}
}

// Memory bounds how many read; who waits for a turn ends with its task.
func TestTurnsToReadAreThoseThatFit(t *testing.T) {
	turns := NewTurns(2 * taskMemory)
	ends := make([]func(), 0, 2)
	for range 2 {
		end, err := turns.read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ends = append(ends, end)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := turns.read(over); !errors.Is(err, context.Canceled) {
		t.Errorf("a third one reads: %v", err)
	}
	ends[0]()
	if _, err := turns.read(t.Context()); err != nil {
		t.Error(err)
	}
	if end, err := (Turns{}).read(over); err != nil {
		t.Errorf("without bounds: %v", err)
	} else {
		end()
	}
}
