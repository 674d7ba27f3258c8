package filesets

import (
	"fmt"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connectors/filesets/filesetstest"
	"github.com/suiro/suiro/connectors/filesets/storage/storagetest"
	"github.com/suiro/suiro/internal/confine"
)

// TestHeadersOfAHungStorageDoNotFillTheMemory: records of a million empty headers
// come while the storage of their partition hangs, under a hard limit of 512 MiB.
// They count, so the partition is paused; what another has written stays written.
func TestHeadersOfAHungStorageDoNotFillTheMemory(t *testing.T) {
	if !confine.Test(t, 512<<20) {
		return
	}
	hung := make(chan struct{})
	defer close(hung)
	mem := storagetest.NewMem()
	st := mem.With(func(op storagetest.Op, do func() error) error {
		if op.Name == "create" && strings.Contains(op.Path, "/hung/0/") {
			<-hung
		}
		return do()
	}, false)
	sink := start(t, st, "flush.size", "5", "format.class", "JsonFormat", "timestamp.extractor", "Record",
		"max.buffered.bytes", fmt.Sprint(64<<20))
	bad, good := connect.TopicPartition{Topic: "hung"}, connect.TopicPartition{Topic: "good"}
	sink.Open(bad, good)
	sink.Put(filesetstest.Records(good, 0, 5)...)
	filesetstest.Eventually(t, "the other partition is written", func() bool { return sink.Commit()[good] == 5 })
	put := int64(0)
	for ; put < 100 && !sink.Context.Paused(bad); put++ {
		r := filesetstest.Record(bad, put)
		r.Headers = make([]connect.Header, 1_000_000)
		sink.Put(r)
	}
	if put == 100 {
		t.Error("the partition is not paused")
	}
}
