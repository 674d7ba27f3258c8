// Package kinds are the kinds of attacks: each a function in one table, with what it does
// and what must hold beyond what holds for all, that honest records arrive once, that no
// process ends or takes more memory than its limit, and that nothing changes outside the
// given folders.
package kinds

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/cmd/internal/attack/feed"
	"github.com/suiro/suiro/cmd/internal/attack/registry"
	"github.com/suiro/suiro/cmd/internal/attack/stage"
	"github.com/suiro/suiro/cmd/internal/attack/wire"
)

// Kind is a kind of attack.
type Kind struct {
	// Name names it in the journal, and for --only.
	Name string
	// Does says what it does.
	Does string
	// Do attacks once. An error says what did not hold.
	Do func(context.Context, *Field) error
}

// Field is where an attack takes place. Attacks come one after the other.
type Field struct {
	*stage.Stage
	// Feed are the honest records; attacks do not know what is in them.
	Feed *feed.Feed
	// Rand makes all choices, so that a seed repeats them.
	Rand *rand.Rand
	// Registry is the registry of the lane of Avro records.
	Registry *registry.Server
	// Kafka is the client of the attacker.
	Kafka *wire.Producer
	// Long allows what takes minutes.
	Long bool
}

// All returns all kinds.
func All() []Kind {
	return slices.Concat(batches(), records(), texts(), schemas(), topics(), files(), storages(), web(), clusters())
}

// lines writes records to a topic, each with its own value.
func (f *Field) lines(ctx context.Context, topic string, values ...string) error {
	records := make([]*kgo.Record, len(values))
	for i, v := range values {
		records[i] = &kgo.Record{Topic: f.Topic(topic), Partition: partition(f), Value: []byte(v)}
	}
	return f.Kafka.Records(ctx, records...)
}

// many is a number for a minute, or for an hour.
func (f *Field) many(quick, long int) int {
	if f.Long {
		return long
	}
	return quick
}

// PlantInHDFS writes a file of HDFS, and makes its folders. A file that is there stays.
func (f *Field) PlantInHDFS(name, text string) error {
	if err := f.Storage.MkdirAll(path.Dir(name)); err != nil {
		return fmt.Errorf("plant %s: %w", name, err)
	}
	out, err := f.Storage.Create(name)
	if err != nil {
		return fmt.Errorf("plant %s: %w", name, err)
	}
	_, err = out.Write([]byte(text))
	return errors.Join(err, out.Close())
}

// choose is one of several.
func choose[T any](f *Field, from ...T) T { return from[f.Rand.IntN(len(from))] }
