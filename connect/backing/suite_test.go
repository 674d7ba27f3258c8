package backing_test

import (
	"path/filepath"
	"testing"

	"github.com/suiro/suiro/connect/backing"
	"github.com/suiro/suiro/connect/backing/backingtest"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kgo"
)

func TestFileKeepsItsPromises(t *testing.T) {
	backingtest.Run(t, func(t *testing.T, dir string) backing.OffsetStore {
		s, err := backing.OpenFile(filepath.Join(dir, "offsets"))
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

func TestTopicKeepsItsPromises(t *testing.T) {
	cluster := kafkatest.Start(t)
	backingtest.Run(t, func(t *testing.T, dir string) backing.OffsetStore {
		s, err := backing.OpenTopic(t.Context(), "offsets-"+filepath.Base(filepath.Dir(dir)),
			&backing.TopicOptions{Partitions: 3, ReplicationFactor: 1}, kgo.SeedBrokers(cluster.ListenAddrs()...))
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

func TestLayeredKeepsItsPromises(t *testing.T) {
	cluster := kafkatest.Start(t)
	backingtest.Run(t, func(t *testing.T, dir string) backing.OffsetStore {
		name := filepath.Base(filepath.Dir(dir))
		worker, err := backing.OpenTopic(t.Context(), "worker-"+name, &backing.TopicOptions{Partitions: 3, ReplicationFactor: 1},
			kgo.SeedBrokers(cluster.ListenAddrs()...))
		if err != nil {
			t.Fatal(err)
		}
		own, err := backing.OpenTopic(t.Context(), "own-"+name, &backing.TopicOptions{Partitions: 1, ReplicationFactor: 1},
			kgo.SeedBrokers(cluster.ListenAddrs()...))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = worker.Close() }) // which returns no error
		return backing.NewLayered(own, worker, nil)
	})
}
