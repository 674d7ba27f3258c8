package claim

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/connectors/filesets/storage"
	"github.com/suiro/suiro/connectors/filesets/storage/storagetest"
)

func take(t *testing.T, st storage.Storage) *Claim {
	t.Helper()
	c, err := NewLog(st, "/root", "t", 3, nil).Take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func writeTemp(t *testing.T, c *Claim, name string) {
	t.Helper()
	f, err := c.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("text")); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func oneFile(first, last int64, temp string) Set {
	return Set{First: first, Last: last, Files: []File{{Temp: temp, Path: fmt.Sprintf("t/h=1/%d", first),
		Records: 1, Bytes: 4}}}
}

func TestAFencedClaimCannotCommit(t *testing.T) {
	st := storagetest.NewMem()
	zombie := take(t, st)
	writeTemp(t, zombie, "a")
	heir := take(t, st)
	if err := zombie.Commit(t.Context(), oneFile(0, 9, "a")); !errors.Is(err, ErrFenced) {
		t.Errorf("Commit of a fenced claim = %v, want ErrFenced", err)
	}
	if _, err := zombie.Create("b"); !errors.Is(err, ErrFenced) {
		t.Errorf("Create of a fenced claim = %v, want ErrFenced", err)
	}
	writeTemp(t, heir, "a")
	if err := heir.Commit(t.Context(), oneFile(0, 4, "a")); err != nil {
		t.Fatal(err)
	}
	if next, ok := take(t, st).Next(); next != 5 || !ok {
		t.Errorf("Next = %d, %v, want 5", next, ok)
	}
	if got := len(st.Files("/root/+tmp")); got != 0 {
		t.Errorf("%d temp files are left", got)
	}
}

// TestASetFinishedDuringTheListingIsRead has a zombie rename its set while its
// successor reads the directory, which may then show neither of the names.
func TestASetFinishedDuringTheListingIsRead(t *testing.T) {
	st := storagetest.NewMem()
	unfinished := st.With(func(op storagetest.Op, do func() error) error {
		if path.Ext(op.To) == done {
			return errFault
		}
		return do()
	}, false)
	zombie := take(t, unfinished)
	writeTemp(t, zombie, "a")
	if err := zombie.Commit(t.Context(), oneFile(0, 9, "a")); !errors.Is(err, errFault) {
		t.Fatalf("Commit = %v, want %v", err, errFault)
	}
	const name = "/root/+commits/t/3/00000000000000000000+00000000000000000009"
	renamed := false
	heir := take(t, st.With(func(op storagetest.Op, do func() error) error {
		if op.Name == "lookup" && op.Path == path.Dir(name) && !renamed {
			renamed = true
			if err := st.Rename(name+pending, name+done); err != nil {
				t.Error(err)
			}
		}
		return do()
	}, true))
	if next, ok := heir.Next(); next != 10 || !ok || !renamed {
		t.Errorf("Next = %d, %v, want 10", next, ok)
	}
}

func TestForgetKeepsTheLastSet(t *testing.T) {
	st := storagetest.NewMem()
	c := take(t, st)
	for i := int64(0); i < 4; i++ {
		if err := c.Commit(t.Context(), Set{First: i, Last: i}); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Forget(func(s Set) bool { return s.First != 1 }); err != nil {
		t.Fatal(err)
	}
	var got []int64
	for _, s := range take(t, st).Sets() {
		got = append(got, s.First)
	}
	if want := []int64{1, 3}; !slices.Equal(got, want) {
		t.Errorf("the log holds %v, want %v", got, want)
	}
}

// TestDoneSetsAreReadForTheirContentsOnly: where a log ends is in the name of
// its last set, so one that is done may be damaged or on a data node that is
// away.
func TestDoneSetsAreReadForTheirContentsOnly(t *testing.T) {
	mem := storagetest.NewMem()
	c := take(t, mem)
	for i := int64(0); i < 2; i++ {
		if err := c.Commit(t.Context(), Set{First: i, Last: i}); err != nil {
			t.Fatal(err)
		}
	}
	l := NewLog(mem.With(func(op storagetest.Op, do func() error) error {
		if op.Name == "read" {
			return errFault
		}
		return do()
	}, false), "/root", "t", 3, nil)
	c, err := l.Take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if next, ok := c.Next(); next != 2 || !ok {
		t.Errorf("Next = %d, %v, want 2", next, ok)
	}
	if err := c.Forget(func(Set) bool { return true }); err != nil {
		t.Fatal(err)
	}
	if got := len(mem.Files("/root/+commits")); got != 1 {
		t.Errorf("the log holds %d sets, want the last", got)
	}
	l.Contents = true
	if _, err := l.Take(t.Context()); !errors.Is(err, errFault) {
		t.Errorf("Take with contents = %v, want %v", err, errFault)
	}
}

func TestReleaseRemovesTempFilesOnly(t *testing.T) {
	st := storagetest.NewMem()
	c := take(t, st)
	writeTemp(t, c, "a")
	if err := c.Commit(t.Context(), oneFile(0, 0, "a")); err != nil {
		t.Fatal(err)
	}
	writeTemp(t, c, "b")
	if err := c.Release(); err != nil {
		t.Fatal(err)
	}
	if got := st.Files("/root"); len(got) != 2 || got["/root/t/h=1/0"] == nil {
		t.Errorf("left are %d files, want the data file and its set", len(got))
	}
}

func TestAVanishedFileSaysWhatToDo(t *testing.T) {
	st := storagetest.NewMem()
	c := take(t, st)
	err := c.Commit(t.Context(), oneFile(0, 0, "never-written"))
	var lost *LostError
	if !errors.As(err, &lost) || !strings.Contains(err.Error(), "put it back") {
		t.Errorf("Commit = %v, want a LostError", err)
	}
	if _, err := NewLog(st, "/root", "t", 3, nil).Take(t.Context()); !errors.As(err, &lost) {
		t.Errorf("Take = %v, want a LostError", err)
	}
}

func TestARemovedDirectoryIsMadeAgain(t *testing.T) {
	st := storagetest.NewMem()
	c := take(t, st)
	writeTemp(t, c, "a")
	if err := c.Commit(t.Context(), oneFile(0, 0, "a")); err != nil {
		t.Fatal(err)
	}
	if err := st.Remove("/root/t/h=1"); err != nil { // someone cleans old partitions up
		t.Fatal(err)
	}
	writeTemp(t, c, "b")
	err := c.Commit(t.Context(), oneFile(1, 1, "b"))
	var lost *LostError
	if err == nil || errors.As(err, &lost) {
		t.Errorf("Commit into a removed directory = %v, want an error that a take-over puts right", err)
	}
	take(t, st)
	if got := string(st.Files("/root")["/root/t/h=1/1"]); got != "text" {
		t.Errorf("the file holds %q, want its text", got)
	}
}

func TestTakeStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := NewLog(storagetest.NewMem(), "/root", "t", 0, nil).Take(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Take = %v, want context.Canceled", err)
	}
}
