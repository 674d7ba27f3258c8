package filesets

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connectors/filesets/filesetstest"
	"github.com/suiro/suiro/connectors/filesets/storage"
	"github.com/suiro/suiro/connectors/filesets/storage/storagetest"
)

// likeHDFS refuses the names that HDFS keeps for itself.
func likeHDFS(mem *storagetest.Mem) *storagetest.Mem {
	return mem.With(func(op storagetest.Op, do func() error) error {
		for _, p := range []string{op.Path, op.To} {
			if slices.Contains(strings.Split(p, "/"), ".snapshot") {
				return fmt.Errorf("%s: %w", p, storage.ErrRefused)
			}
		}
		return do()
	}, false)
}

// TestATopicWithAReservedNameIsWritten: its set used to be committed, and could
// never be put in place.
func TestATopicWithAReservedNameIsWritten(t *testing.T) {
	mem := storagetest.NewMem()
	sink := start(t, likeHDFS(mem), "flush.size", "3", "format.class", "JsonFormat",
		"partitioner.class", "FieldPartitioner", "partition.field.name", "q")
	tp := connect.TopicPartition{Topic: ".snapshot"}
	sink.Open(tp)
	sink.Put(connecttest.Records(tp, 0, `{"q":".snapshot"}`, `{"q":".."}`, `{"q":"a/../b"}`)...)
	filesetstest.Eventually(t, "the set is committed", func() bool { return sink.Commit()[tp] == 3 })
	var got []string
	for name := range mem.Files("/root") {
		if !strings.HasPrefix(name, "/root/+") {
			got = append(got, path.Dir(name))
		}
	}
	slices.Sort(got)
	want := []string{"/root/%2Esnapshot/q=..", "/root/%2Esnapshot/q=.snapshot", "/root/%2Esnapshot/q=a%2F..%2Fb"}
	if !slices.Equal(got, want) {
		t.Errorf("the files are in %q, want %q", got, want)
	}
	sink.Stop()
	again := start(t, likeHDFS(mem), "flush.size", "3")
	again.Open(tp)
	if got := again.Context.Sought()[tp]; got != 3 {
		t.Errorf("the next task goes on at %d, want 3", got)
	}
}

// TestWhatCannotBeAPathIsRejectedAndTheRestGoesOn: one bad record between good ones.
func TestWhatCannotBeAPathIsRejectedAndTheRestGoesOn(t *testing.T) {
	fields := make([]string, 20)
	deep := make([]string, 20)
	for i := range fields {
		fields[i] = fmt.Sprintf("f%d", i)
		deep[i] = fmt.Sprintf(`"f%d":"%s"`, i, strings.Repeat("x", 240))
	}
	flat := strings.ReplaceAll("{"+strings.Join(deep, ",")+"}", strings.Repeat("x", 240), "x")
	for name, c := range map[string]struct{ limit, fields, good, bad, reason string }{
		"a path of 5,000 bytes":  {"9", strings.Join(fields, ","), flat, "{" + strings.Join(deep, ",") + "}", "longer than the 4000"},
		"a value of 300 bytes":   {"9", "q", `{"q":"x"}`, `{"q":"` + strings.Repeat("x", 300) + `"}`, "longer than the 255"},
		"no such field":          {"9", "q", `{"q":"x"}`, `{"r":"x"}`, `no field "q"`},
		"one directory too many": {"1", "q", `{"q":"x"}`, `{"q":"y"}`, "max.directories"},
	} {
		t.Run(name, func(t *testing.T) {
			mem := storagetest.NewMem()
			sink := start(t, mem, "flush.size", "3", "format.class", "JsonFormat", "max.directories", c.limit,
				"partitioner.class", "FieldPartitioner", "partition.field.name", c.fields)
			sink.Open(p0)
			sink.Put(connecttest.Records(p0, 0, c.good, c.bad, c.good)...)
			filesetstest.Eventually(t, "the set is committed", func() bool { return sink.Commit()[p0] == 3 })
			if reports := sink.Context.Reports(); len(reports) != 1 || !strings.Contains(reports[0].Reason.Error(), c.reason) {
				t.Errorf("reported are %v, want one record with %q", reports, c.reason)
			}
		})
	}
}

// TestOpenFilesAreBoundedForTheWholeTask: a file costs memory, whichever partition it
// is of.
func TestOpenFilesAreBoundedForTheWholeTask(t *testing.T) {
	mem := storagetest.NewMem()
	sink := start(t, mem, "flush.size", "1000", "format.class", "JsonFormat", "max.open.files", "5",
		"partitioner.class", "FieldPartitioner", "partition.field.name", "q")
	var partitions []connect.TopicPartition
	for p := range int32(3) {
		partitions = append(partitions, connect.TopicPartition{Topic: "access", Partition: p})
	}
	sink.Open(partitions...)
	for _, tp := range partitions {
		var values []string
		for i := range 50 {
			values = append(values, fmt.Sprintf(`{"q":%d}`, i))
		}
		sink.Put(connecttest.Records(tp, 0, values...)...)
		filesetstest.Eventually(t, "the records are in temp files", func() bool {
			return len(mem.Files(fmt.Sprintf("/root/+tmp/access/%d", tp.Partition))) == 50
		})
		if got := sink.Context.Metric(t, "test_sink_open_files"); got > 7 {
			t.Errorf("%v files are open, want at most 5, and one for each of two other partitions", got)
		}
	}
}

// TestASetOfTooManyFilesIsCommittedEarlier: the manifest names each.
func TestASetOfTooManyFilesIsCommittedEarlier(t *testing.T) {
	mem := storagetest.NewMem()
	sink := start(t, mem, "flush.size", "1000000", "format.class", "JsonFormat",
		"partitioner.class", "FieldPartitioner", "partition.field.name", "q")
	sink.Open(p0)
	for from := range int64(11) {
		var values []string
		for i := range 1000 {
			values = append(values, fmt.Sprintf(`{"q":"%d-%d"}`, from, i))
		}
		sink.Put(connecttest.Records(p0, 1000*from, values...)...)
	}
	filesetstest.Eventually(t, "a set is committed", func() bool { return sink.Commit()[p0] == maxFiles })
}
