package app_test

import (
	"fmt"
	"math/rand/v2"
	"os/signal"
	"syscall"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/topology"
)

// An app whose disk fills up ends with an error that names the folder. When there is
// room again, it continues where it stopped.
func TestFullDiskStopsTheApp(t *testing.T) {
	brokers := cluster(t, "in")
	dir, free := smallDisk(t)
	topo := func() *topology.Topology {
		return build(t, func(in *words) {
			streams.Aggregate(streams.GroupByKey(in, streams.String()), "large", func() string { return "" },
				func(_, v, a string) (string, error) { return a + v, nil }, streams.String())
		})
	}
	random := rand.NewChaCha8([32]byte{}) // so that nothing compresses
	for i := range 200 {
		v := make([]byte, 100_000)
		if _, err := random.Read(v); err != nil {
			t.Fatal(err)
		}
		kafkatest.Produce(t, brokers, &kgo.Record{Topic: "in", Key: fmt.Appendf(nil, "k%d", i), Value: v})
	}
	props := map[string]string{"bootstrap.servers": brokers[0], "state.dir": dir, "commit.interval.ms": "10"}
	says(t, fails(t, topo(), props), dir, "state")
	free()
	app, stop := start(t, topo(), brokers, dir, nil)
	kafkatest.Eventually(t, "all keys are stored", func() bool {
		parts, err := app.Store("large")
		if err != nil {
			return false
		}
		n := 0
		for _, p := range parts {
			it, err := p.All()
			if err != nil {
				return false
			}
			for it.Next() {
				n++
			}
			it.Close()
		}
		return n == 200
	})
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

// smallDisk returns a folder that takes a few MiB, and a function that makes
// room: a file system in memory where the process may mount one, otherwise a
// limit on the size of files, which stops writes as well.
func smallDisk(t *testing.T) (dir string, free func()) {
	t.Helper()
	dir = t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=8m"); err == nil {
		t.Cleanup(func() {
			// A store that stopped may be left behind with a file open.
			if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
				t.Errorf("unmount: %v", err)
			}
		})
		return dir, func() {
			if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=256m"); err != nil {
				t.Fatalf("make room: %v", err)
			}
		}
	}
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	signal.Ignore(syscall.SIGXFSZ)
	limit := syscall.Rlimit{Cur: 1 << 20, Max: before.Max}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	free = func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(free)
	return dir, free
}
