package hdfs

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connectors/filesets"
	"github.com/suiro/suiro/connectors/filesets/claim"
)

// checkOffsets returns why the sink does not take the offsets that an operator wants it to
// go on from, where forgotten partitions will have none. The files decide: a partition
// that has some goes on where they end, whatever the offset is in Kafka. No task writes
// meanwhile.
func checkOffsets(o *filesets.Options, offsets connect.Offsets, forgotten []connect.TopicPartition) error {
	var ends []string
	topics := map[string]bool{}
	refuse := func(tp connect.TopicPartition, end int64) {
		ends, topics[tp.Topic] = append(ends, fmt.Sprintf("%v at %d", tp, end)), true
	}
	check := func(tp connect.TopicPartition, wanted int64) error {
		end, known, err := endOf(o, tp)
		if err == nil && known && end != wanted {
			refuse(tp, end)
		}
		return err
	}
	for tp, at := range offsets {
		if err := check(tp, at); err != nil {
			return err
		}
	}
	for _, tp := range forgotten {
		if err := check(tp, -1); err != nil {
			return err
		}
	}
	if len(ends) == 0 {
		return nil
	}
	slices.Sort(ends)
	folders := make([]string, 0, 2*len(topics))
	for topic := range topics {
		folders = append(folders, o.Root+"/"+topic, o.Root+"/+commits/"+topic)
	}
	slices.Sort(folders)
	return fmt.Errorf("the connector goes on where its files end, whatever its offsets in Kafka are: %s. To have it go "+
		"on elsewhere, move the folders %s away first, or choose another topics.dir", strings.Join(ends, ", "),
		strings.Join(folders, ", "))
}

// endOf is where a partition's files end; known is false when it has none.
func endOf(o *filesets.Options, tp connect.TopicPartition) (end int64, known bool, err error) {
	log := claim.NewLog(o.Storage, o.Root, tp.Topic, tp.Partition, func() (int64, bool, error) {
		return o.Names.End(o.Storage, o.Root, tp)
	})
	if end, known, err = log.End(); err != nil && !errors.Is(err, claim.ErrUnreadable) {
		err = connect.Retriable(fmt.Errorf("find where the files of %v end: %w", tp, err))
	}
	return end, known, err
}
