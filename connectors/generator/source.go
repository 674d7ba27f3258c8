package generator

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
)

// SourcePlugin describes the connector as a worker loads it.
func SourcePlugin() connect.SourcePlugin {
	return connect.SourcePlugin{
		Info: connect.Info{
			Class:    "GeneratorSource",
			Aliases:  []string{"io.confluent.kafka.connect.datagen.DatagenConnector"},
			Def:      def,
			Validate: validate,
			Doc: "Makes up records by an Avro schema, for demos, load and tests. They are the same each time, and several " +
				"tasks share their numbers.",
		},
		New: func() connect.SourceConnector { return &SourceConnector{} },
	}
}

// sequences is how many sequences the numbers of the records are divided into, and so the most
// tasks. It is part of what kept offsets mean.
const sequences = 64

var (
	_ connect.SourceConnector     = (*SourceConnector)(nil)
	_ connect.SourceOffsetAlterer = (*SourceConnector)(nil)
)

// SourceConnector divides the sequences among tasks.
type SourceConnector struct{}

// Start has nothing to acquire.
func (*SourceConnector) Start(context.Context, config.Values) error { return nil }

// TaskConfigs deals the sequences to the tasks, one after another.
func (*SourceConnector) TaskConfigs(maxTasks int) ([]map[string]string, error) {
	n := min(maxTasks, sequences)
	lists := make([][]string, n)
	for s := range sequences {
		lists[s%n] = append(lists[s%n], strconv.Itoa(s))
	}
	plan := make([]map[string]string, n)
	for i, list := range lists {
		plan[i] = map[string]string{"task.sequences": strings.Join(list, ",")}
	}
	return plan, nil
}

// NewTask returns a task that has not been started.
func (*SourceConnector) NewTask() connect.SourceTask { return &SourceTask{} }

// Stop has nothing to free.
func (*SourceConnector) Stop() error { return nil }

// AlterOffsets refuses what no task could continue from.
func (*SourceConnector) AlterOffsets(_ context.Context, _ config.Values, offsets []connect.SourceOffset) error {
	for _, o := range offsets {
		if o.Offset == nil {
			continue // whatever is kept may be forgotten
		}
		s, ok := o.Partition[sequenceKey].(int64)
		if !ok || len(o.Partition) != 1 || s < 0 || s >= sequences {
			return fmt.Errorf(`source partition %v: want {"sequence": n}, with a number from 0 to %d`, o.Partition, sequences-1)
		}
		if _, err := numberAfter(s, o.Offset); err != nil {
			return fmt.Errorf("source partition %v: %w", o.Partition, err)
		}
	}
	return nil
}

// The keys of source partitions and source offsets.
const (
	sequenceKey = "sequence"
	numberKey   = "number"
)

// numberAfter returns the number that follows an offset in its sequence.
func numberAfter(sequence int64, offset map[string]any) (int64, error) {
	n, ok := offset[numberKey].(int64)
	switch {
	case !ok || n < 0 || n > math.MaxInt64-2*sequences || len(offset) != 1:
		return 0, errors.New(`the source offset must be {"number": n}, that of the last record of the sequence`)
	case n%sequences != sequence:
		return 0, fmt.Errorf("the number %d is not of the sequence %d, but of %d", n, sequence, n%sequences)
	}
	return n + sequences, nil
}
