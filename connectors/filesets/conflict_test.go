package filesets

import (
	"errors"
	"io/fs"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connectors/filesets/filesetstest"
	"github.com/suiro/suiro/connectors/filesets/names"
	"github.com/suiro/suiro/connectors/filesets/storage"
	"github.com/suiro/suiro/connectors/filesets/storage/storagetest"
)

func TestAForeignFileIsNotOverwritten(t *testing.T) {
	mem := storagetest.NewMem()
	const name = "/root/access/dt=2015-05-17/hour=10/access+0+0000000000+0000000009.avro"
	sink := start(t, mem)
	sink.Open(p0) // before the file is there, so that the log is thought empty
	if err := mem.MkdirAll(name[:strings.LastIndexByte(name, '/')]); err != nil {
		t.Fatal(err)
	}
	f, err := mem.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("foreign")); err != nil {
		t.Fatal(err)
	}
	sink.Put(filesetstest.Records(p0, 0, 10)...)
	filesetstest.Eventually(t, "Put fails", func() bool { err = sink.TryPut(); return err != nil })
	if !strings.Contains(err.Error(), name+" exists and is not the committed file") {
		t.Errorf("Put = %v", err)
	}
	if got := string(mem.Files("/root")[name]); got != "foreign" {
		t.Errorf("the foreign file holds %q", got)
	}
	sink.Stop()

	// A person moves the file away: the set is still committed and is finished.
	if err := mem.Remove(name); err != nil {
		t.Fatal(err)
	}
	sink = start(t, mem)
	sink.Open(p0)
	if got := sink.Context.Sought()[p0]; got != 10 {
		t.Errorf("sought %d, want 10", got)
	}
	if got := filesetstest.Offsets(t, mem.Files("/root")); len(got) != 10 {
		t.Errorf("files hold %v, want 10 records", got)
	}
}

func TestAFullDiskPausesAndIsForgotten(t *testing.T) {
	mem := storagetest.NewMem()
	full := make(chan struct{})
	disk := mem.With(func(op storagetest.Op, do func() error) error {
		select {
		case <-full:
			return do()
		default:
			if op.Name == "write" || op.Name == "close" {
				return errors.New("no space left on device")
			}
			return do()
		}
	}, false)
	sink := start(t, disk)
	sink.Open(p0)
	sink.Put(filesetstest.Records(p0, 0, 20)...)
	filesetstest.Eventually(t, "the partition is paused", func() bool { return sink.Context.Paused(p0) })
	close(full)
	filesetstest.Eventually(t, "the task seeks back and resumes", func() bool {
		sink.Put()
		at, ok := sink.Context.Sought()[p0]
		return ok && at == 0 && !sink.Context.Paused(p0)
	})
	sink.Put(filesetstest.Records(p0, 0, 20)...)
	filesetstest.Eventually(t, "all is committed", func() bool { return sink.Commit()[p0] == 20 })
	if got := filesetstest.Offsets(t, mem.Files("/root")); len(got) != 20 {
		t.Errorf("files hold %d records, want 20", len(got))
	}
}

// TestAFullDiskIsNotKeptFull: a disk that the sink itself has filled up may
// have no place for the next claim either.
func TestAFullDiskIsNotKeptFull(t *testing.T) {
	mem := storagetest.NewMem()
	var full atomic.Bool
	disk := mem.With(func(op storagetest.Op, do func() error) error {
		if full.Load() && (op.Name == "create" || op.Name == "write" || op.Name == "mkdir") {
			return errors.New("no space left on device")
		}
		return do()
	}, false)
	sink := start(t, disk)
	sink.Open(p0)
	sink.Put(filesetstest.Records(p0, 0, 2)...)
	filesetstest.Eventually(t, "temp files are open", func() bool { return len(mem.Files("/root/+tmp")) == 2 })
	full.Store(true)
	sink.Put(filesetstest.Records(p0, 2, 3)...)
	filesetstest.Eventually(t, "the temp files are removed", func() bool { return len(mem.Files("/root/+tmp")) == 0 })
	full.Store(false)
	filesetstest.Eventually(t, "the task seeks back", func() bool {
		sink.Put()
		at, ok := sink.Context.Sought()[p0]
		return ok && at == 0
	})
	sink.Put(filesetstest.Records(p0, 0, 10)...)
	filesetstest.Eventually(t, "the set is committed", func() bool { return sink.Commit()[p0] == 10 })
}

func TestAForbiddenFolderEndsTheTask(t *testing.T) {
	forbidden := storagetest.NewMem().With(func(op storagetest.Op, do func() error) error {
		if op.Name == "mkdir" {
			return &fs.PathError{Op: "mkdir", Path: op.Path, Err: fs.ErrPermission}
		}
		return do()
	}, false)
	task := &task{storage: forbidden}
	connecttest.StartSink(t, info, task, testProps())
	err := task.Open(t.Context(), []connect.TopicPartition{p0})
	const want = "take over access-0 in /root: mkdir /root/+tmp"
	if !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), want) {
		t.Errorf("Open = %v", err)
	}
}

// TestAFileInTheWayEndsTheTask: no waiting makes a folder of it.
func TestAFileInTheWayEndsTheTask(t *testing.T) {
	mem := storagetest.NewMem()
	if _, err := mem.Create("/root"); err != nil {
		t.Fatal(err)
	}
	task := &task{storage: mem}
	connecttest.StartSink(t, info, task, testProps())
	err := task.Open(t.Context(), []connect.TopicPartition{p0})
	const want = "take over access-0 in /root: mkdir /root/"
	if !errors.Is(err, storage.ErrRefused) || !strings.Contains(err.Error(), want) {
		t.Errorf("Open = %v, want a refusal that names the folder", err)
	}
}

// TestANameThatNoStorageTakesIsNotCommitted: what is committed must be possible
// to put in place, or the partition would stand still.
func TestANameThatNoStorageTakesIsNotCommitted(t *testing.T) {
	mem := storagetest.NewMem()
	sink := start(t, mem, "flush.size", "3", "format.class", "JsonFormat",
		"partitioner.class", "FieldPartitioner", "partition.field.name", "ua")
	sink.Open(p0)
	sink.Put(connecttest.Records(p0, 0, `{"ua":"curl"}`, `{"ua":"`+strings.Repeat("M", 300)+`"}`, `{"ua":"curl"}`)...)
	filesetstest.Eventually(t, "the set is committed", func() bool { return sink.Commit()[p0] == 3 })
	reports := sink.Context.Reports()
	if len(reports) != 1 || !strings.Contains(reports[0].Reason.Error(), "longer than the 255") {
		t.Errorf("reported are %v, want the record with 300 bytes", reports)
	}

	long := connect.TopicPartition{Topic: strings.Repeat("t", 249)}
	sink.Open(long)
	sink.Put(connecttest.Records(long, 0, `{"ua":"a"}`, `{"ua":"b"}`, `{"ua":"c"}`)...)
	filesetstest.Eventually(t, "the records are passed over", func() bool { return sink.Commit()[long] == 3 })
	reports = sink.Context.Reports()
	if last := reports[len(reports)-1].Reason.Error(); len(reports) != 4 ||
		!strings.Contains(last, "choose a smaller filename.offset.zero.pad.width") {
		t.Errorf("%d reported, the last because of %s; want four, and what to choose", len(reports), last)
	}
	if next, _, err := (names.Names{Delim: "+"}).End(mem, "/root", long); next != 0 || err != nil {
		t.Errorf("files of the long topic end at %d, %v, want none", next, err)
	}
}

func TestADamagedSetEndsTheTask(t *testing.T) {
	mem := storagetest.NewMem()
	const dir = "/root/+commits/access/0"
	if err := mem.MkdirAll(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := mem.Create(dir + "/00000000000000000000+00000000000000000009.done"); err != nil {
		t.Fatal(err)
	}
	task := &task{storage: mem, registry: &memoryRegistry{}}
	connecttest.StartSink(t, info, task, testProps())
	err := task.Open(t.Context(), []connect.TopicPartition{p0})
	if err == nil || !strings.Contains(err.Error(), "restore this committed set") ||
		!strings.Contains(err.Error(), dir+"/00000000000000000000+00000000000000000009.done") {
		t.Errorf("Open = %v, want an error that names the set", err)
	}
}
