package hdfs

import (
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/connecttest/workertest"
	"github.com/suiro/suiro/connectors/filesets/storage/storagetest"
)

func TestSinkKeepsItsPromises(t *testing.T) {
	connecttest.RunSink(t, Plugin(), openMem)
}

// Files that are idle are complete, as there is no other record to complete them.
func TestSinkLosesNothingWhenItsWorkerIsKilled(t *testing.T) {
	workertest.RunSink(t, Plugin(), func(t *testing.T) connecttest.SinkCase {
		c := openMem(t)
		c.Props["rotate.idle.ms"] = "50"
		return c
	}, nil)
}

// openMem is a folder in memory that the suites have a sink write to.
func openMem(*testing.T) connecttest.SinkCase {
	mem := storagetest.NewMem()
	return connecttest.SinkCase{
		Props:       testProps("flush.size", "5", "format.class", "JsonFormat", "timestamp.extractor", "Record"),
		NewTask:     func() connect.SinkTask { return &SinkTask{storage: mem} },
		ExactlyOnce: true,
		Written: func(testing.TB) (values []string) {
			for name, content := range mem.Files("/root/suite") {
				if !strings.Contains(name, "/+") {
					values = append(values, strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")...)
				}
			}
			return values
		},
	}
}
