// Package claimtest holds the trials that claims pass on every storage.
package claimtest

import (
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/suiro/suiro/connectors/filesets/claim"
	"github.com/suiro/suiro/connectors/filesets/storage"
)

// pausing stops its user before one operation until it is told to go on.
type pausing struct {
	storage.Storage
	left    int // operations until the pause
	crash   bool
	reached chan struct{}
	resume  chan struct{}
}

func (p *pausing) step() {
	if p.left--; p.left == 0 {
		close(p.reached)
		<-p.resume
		if p.crash {
			runtime.Goexit()
		}
	}
}

func (p *pausing) MkdirAll(dir string) error { p.step(); return p.Storage.MkdirAll(dir) }
func (p *pausing) Rename(from, to string) error {
	p.step()
	return p.Storage.Rename(from, to)
}
func (p *pausing) Remove(path string) error { p.step(); return p.Storage.Remove(path) }
func (p *pausing) List(dir string) iter.Seq2[storage.Entry, error] {
	p.step()
	return p.Storage.List(dir)
}
func (p *pausing) Stat(path string) (storage.Entry, error) { p.step(); return p.Storage.Stat(path) }
func (p *pausing) ReadFile(path string, limit int64) ([]byte, error) {
	p.step()
	return p.Storage.ReadFile(path, limit)
}
func (p *pausing) Create(path string) (storage.File, error) {
	p.step()
	f, err := p.Storage.Create(path)
	return &pausingFile{f, p}, err
}

type pausingFile struct {
	storage.File
	p *pausing
}

func (f *pausingFile) Write(b []byte) (int, error) { f.p.step(); return f.File.Write(b) }
func (f *pausingFile) Close() error                { f.p.step(); return f.File.Close() }

// commitSome takes the partition and commits sets of ten records, each in two
// files, until the log is at end. It takes again after each error.
func commitSome(t *testing.T, st storage.Storage, root string, end int64) {
	for tries := 0; tries < 5; tries++ {
		c, err := claim.NewLog(st, root, "t", 0, nil).Take(t.Context())
		for err == nil {
			next, _ := c.Next()
			if next >= end {
				return
			}
			err = commitTen(t, c, next)
		}
	}
	t.Error("a writer that nobody disturbs does not get on")
}

func commitTen(t *testing.T, c *claim.Claim, first int64) error {
	set := claim.Set{First: first, Last: first + 9}
	for half := range int64(2) {
		temp, text := fmt.Sprintf("%d-%d", first, half), ""
		for o := first + half; o <= set.Last; o += 2 {
			text += fmt.Sprintln(o)
		}
		f, err := c.Create(temp)
		if err != nil {
			return err
		}
		if _, err := f.Write([]byte(text)); err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
		set.Files = append(set.Files, claim.File{Temp: temp, Path: fmt.Sprintf("t/h=%d/%d", half, first),
			Bytes: int64(len(text))})
	}
	return c.Commit(t.Context(), set)
}

// PausedBeforeEach pauses a writer before its first, second, … operation,
// lets another take over and commit, and then lets the first go on, or with
// crash lets it end there and the other go on. Every record must be there once.
func PausedBeforeEach(t *testing.T, st storage.Storage, dir string, crash bool) {
	t.Helper()
	const end = 40
	for k := 1; ; k++ {
		root := fmt.Sprintf("%s/%v-%d", dir, crash, k)
		p := &pausing{Storage: st, left: k, crash: crash, reached: make(chan struct{}),
			resume: make(chan struct{})}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			commitSome(t, p, root, end)
		}()
		select {
		case <-ended:
			t.Logf("paused before each of %d operations", k-1)
			return
		case <-p.reached:
		}
		commitSome(t, st, root, end-10)
		close(p.resume)
		<-ended
		if crash {
			commitSome(t, st, root, end)
		}
		if t.Failed() {
			t.Fatalf("paused before operation %d", k)
		}
		wantOnce(t, st, root, k, end)
	}
}

// numbers reads one number a line.
func numbers(t *testing.T, text []byte) (out []int) {
	t.Helper()
	for _, line := range strings.Fields(string(text)) {
		n, err := strconv.Atoi(line)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, n)
	}
	return out
}

func wantOnce(t *testing.T, st storage.Storage, root string, k, end int) {
	t.Helper()
	var got []int
	for half := range 2 {
		dir := fmt.Sprintf("%s/t/h=%d", root, half)
		for e, err := range st.List(dir) {
			if err != nil {
				t.Fatal(err)
			}
			text, err := st.ReadFile(dir+"/"+e.Name, 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, numbers(t, text)...)
		}
	}
	slices.Sort(got)
	var want []int
	for n := range end {
		want = append(want, n)
	}
	if !slices.Equal(got, want) {
		t.Errorf("paused before operation %d: files hold %v, want 0 to %d once each", k, got, end-1)
	}
}
