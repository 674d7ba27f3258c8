//go:build integration

package dfs

import (
	"crypto/rand"
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"
)

// TestAbortLeavesNothingBehind counts goroutines and connections: a task that
// runs for months aborts its open files at every rebalance.
func TestAbortLeavesNothingBehind(t *testing.T) {
	addr := os.Getenv("SUIRO_HDFS")
	if addr == "" {
		t.Skip("set SUIRO_HDFS to host:port of a name node; scripts/services/hdfs.sh up starts one")
	}
	s, err := New(addr, &Options{Clients: 1})
	if err != nil {
		t.Fatal(err)
	}
	dir := "/suiro-test/leak-" + rand.Text()
	if err := s.MkdirAll(dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Remove(dir); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	goroutines, conns := runtime.NumGoroutine(), s.open()
	for i := range 20 {
		f, err := s.Create(fmt.Sprintf("%s/%d", dir, i))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(make([]byte, i*10_000)); err != nil { // some in several packets, one empty
			t.Fatal(err)
		}
		f.Abort()
	}
	for end := time.Now().Add(time.Minute); runtime.NumGoroutine() > goroutines || s.open() > conns; {
		if time.Now().After(end) {
			t.Fatalf("20 aborted files leave %d goroutines and %d connections", runtime.NumGoroutine()-goroutines,
				s.open()-conns)
		}
		time.Sleep(time.Millisecond)
	}
}
