package filesets

import (
	"errors"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connectors/filesets/filesetstest"
	"github.com/suiro/suiro/connectors/filesets/storage/storagetest"
)

// manifests counts the committed sets in the log.
func manifests(mem *storagetest.Mem) (n int) {
	for name := range mem.Files("/root/+commits") {
		if strings.HasSuffix(name, ".done") {
			n++
		}
	}
	return n
}

func TestSetsStayInTheLogUntilTheyAreRegistered(t *testing.T) {
	mem, registry := storagetest.NewMem(), &memoryRegistry{away: true}
	begin := func() *connecttest.Sink {
		sink := connecttest.StartSink(t, info, &task{storage: mem, registry: registry}, testProps())
		sink.Open(p0)
		return sink
	}
	sink := begin()
	sink.Put(filesetstest.Records(p0, 0, 50)...)
	filesetstest.Eventually(t, "all is committed", func() bool { return sink.Commit()[p0] == 50 })
	sink.Stop()
	if got := manifests(mem); got != 5 {
		t.Errorf("the log holds %d sets that are not registered, want 5", got)
	}

	registry.set(func() { registry.away = false })
	sink = begin() // hands the sets over again
	sink.Put(filesetstest.Records(p0, 50, 60)...)
	filesetstest.Eventually(t, "the log is cut", func() bool { sink.Commit(); return manifests(mem) == 1 })
}

func TestARegistryThatRefusesEndsTheTask(t *testing.T) {
	mem, registry := storagetest.NewMem(), &memoryRegistry{}
	sink := connecttest.StartSink(t, info, &task{storage: mem, registry: registry}, testProps())
	sink.Open(p0)
	refusal := errors.New("the table is another topic's")
	registry.set(func() { registry.refuse = refusal })
	sink.Put(filesetstest.Records(p0, 0, 10)...)
	var err error
	filesetstest.Eventually(t, "Put fails", func() bool { err = sink.TryPut(); return err != nil })
	if !errors.Is(err, refusal) {
		t.Errorf("Put = %v, want %v", err, refusal)
	}
	if got := manifests(mem); got != 0 {
		t.Errorf("%d sets are committed for a registry that refuses their files", got)
	}
}
