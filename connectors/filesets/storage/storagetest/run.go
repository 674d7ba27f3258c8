package storagetest

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"
	"testing"

	"github.com/suiro/suiro/connectors/filesets/storage"
)

// Run checks what callers rely on. dir is an existing empty directory of s.
func Run(t *testing.T, s storage.Storage, dir string) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, storage.Storage, string){
		"CreateMakesNoParents":     createMakesNoParents,
		"CreateReplacesNothing":    createReplacesNothing,
		"MkdirBelowAFile":          mkdirBelowAFile,
		"RenameMovesATree":         renameMovesATree,
		"RenameOfNothingFails":     renameOfNothingFails,
		"RenameMakesNoParents":     renameMakesNoParents,
		"RemoveTakesATree":         removeTakesATree,
		"ListAndStat":              listAndStat,
		"ListOfManyEntries":        listOfMany,
		"OnlyFilesThatFitAreRead":  onlyFilesThatFit,
		"EmptyFileAndEmptyWrite":   emptyFile,
		"MovedParentStopsCreation": movedParent,
		"RemovedFileCannotReturn":  removedFile,
	} {
		t.Run(name, func(t *testing.T) {
			sub := path.Join(dir, strings.ToLower(name))
			must(t, s.MkdirAll(sub))
			check(t, s, sub)
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, s storage.Storage, p, text string) {
	t.Helper()
	f, err := s.Create(p)
	must(t, err)
	_, err = f.Write([]byte(text))
	must(t, err)
	must(t, f.Close())
}

func wantText(t *testing.T, s storage.Storage, p, want string) {
	t.Helper()
	got, err := s.ReadFile(p, 100)
	if err != nil || string(got) != want {
		t.Errorf("ReadFile(%s) = %q, %v, want %q", p, got, err, want)
	}
}

func wantErr(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func entries(s storage.Storage, dir string) (list []storage.Entry, err error) {
	for e, err := range s.List(dir) {
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

func createMakesNoParents(t *testing.T, s storage.Storage, dir string) {
	_, err := s.Create(dir + "/none/file")
	wantErr(t, "create without parent", err, fs.ErrNotExist)
}

func createReplacesNothing(t *testing.T, s storage.Storage, dir string) {
	put(t, s, dir+"/f", "first")
	_, err := s.Create(dir + "/f")
	wantErr(t, "create over a file", err, fs.ErrExist)
	wantText(t, s, dir+"/f", "first")
}

func mkdirBelowAFile(t *testing.T, s storage.Storage, dir string) {
	put(t, s, dir+"/f", "text")
	wantErr(t, "mkdir below a file", s.MkdirAll(dir+"/f/d/e"), storage.ErrRefused)
	wantErr(t, "mkdir in the place of a file", s.MkdirAll(dir+"/f"), storage.ErrRefused)
	wantText(t, s, dir+"/f", "text")
}

func renameMovesATree(t *testing.T, s storage.Storage, dir string) {
	must(t, s.MkdirAll(dir+"/a/b"))
	must(t, s.MkdirAll(dir+"/c"))
	put(t, s, dir+"/a/b/f", "text")
	must(t, s.Rename(dir+"/a", dir+"/c/a2"))
	wantText(t, s, dir+"/c/a2/b/f", "text")
	_, err := s.Stat(dir + "/a")
	wantErr(t, "stat of a moved directory", err, fs.ErrNotExist)
}

func renameOfNothingFails(t *testing.T, s storage.Storage, dir string) {
	wantErr(t, "rename of nothing", s.Rename(dir+"/a", dir+"/b"), fs.ErrNotExist)
}

func renameMakesNoParents(t *testing.T, s storage.Storage, dir string) {
	put(t, s, dir+"/a", "text")
	wantErr(t, "rename below nothing", s.Rename(dir+"/a", dir+"/none/b"), fs.ErrNotExist)
	wantText(t, s, dir+"/a", "text")
}

func removeTakesATree(t *testing.T, s storage.Storage, dir string) {
	must(t, s.MkdirAll(dir+"/a/b"))
	put(t, s, dir+"/a/b/f", "text")
	must(t, s.Remove(dir+"/a"))
	must(t, s.Remove(dir+"/a"))
	_, err := s.ReadFile(dir+"/a/b/f", 100)
	wantErr(t, "read of a removed file", err, fs.ErrNotExist)
}

func listAndStat(t *testing.T, s storage.Storage, dir string) {
	must(t, s.MkdirAll(dir+"/d"))
	must(t, s.MkdirAll(dir+"/d"))
	put(t, s, dir+"/f", "text")
	list, err := entries(s, dir)
	must(t, err)
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	if len(list) != 2 || list[0].Name != "d" || !list[0].Dir || list[1].Name != "f" || list[1].Size != 4 {
		t.Errorf("List = %+v, want d/ and f of 4 bytes", list)
	}
	if e, err := s.Stat(dir + "/f"); err != nil || e.Name != "f" || e.Size != 4 || e.Dir {
		t.Errorf("Stat = %+v, %v, want f of 4 bytes", e, err)
	}
	empty, err := entries(s, dir+"/d")
	if err != nil || len(empty) != 0 {
		t.Errorf("List of an empty directory = %v, %v, want nothing", empty, err)
	}
	_, err = entries(s, dir+"/none")
	wantErr(t, "list of nothing", err, fs.ErrNotExist)
}

// listOfMany lists more entries than a piece of a listing holds.
func listOfMany(t *testing.T, s storage.Storage, dir string) {
	const n = 2100
	for i := range n {
		must(t, s.MkdirAll(fmt.Sprintf("%s/%d", dir, i)))
	}
	list, err := entries(s, dir)
	must(t, err)
	names := map[string]bool{}
	for _, e := range list {
		names[e.Name] = true
	}
	if len(list) != n || len(names) != n {
		t.Errorf("List yields %d entries with %d names, want %d", len(list), len(names), n)
	}
	for range s.List(dir) {
		break // whoever has found what it looks for stops
	}
}

func onlyFilesThatFit(t *testing.T, s storage.Storage, dir string) {
	must(t, s.MkdirAll(dir+"/d"))
	put(t, s, dir+"/f", "0123456789")
	_, err := s.ReadFile(dir+"/d", 10)
	wantErr(t, "read of a directory", err, storage.ErrUnfit)
	_, err = s.ReadFile(dir+"/f", 9)
	wantErr(t, "read of a file that is too long", err, storage.ErrUnfit)
	if got, err := s.ReadFile(dir+"/f", 10); err != nil || string(got) != "0123456789" {
		t.Errorf("ReadFile = %q, %v, want 10 bytes", got, err)
	}
}

func emptyFile(t *testing.T, s storage.Storage, dir string) {
	f, err := s.Create(dir + "/empty")
	must(t, err)
	must(t, f.Close())
	wantText(t, s, dir+"/empty", "")
	f, err = s.Create(dir + "/late")
	must(t, err)
	_, err = f.Write(nil)
	must(t, err)
	_, err = f.Write([]byte("text"))
	must(t, err)
	must(t, f.Close())
	wantText(t, s, dir+"/late", "text")
}

func movedParent(t *testing.T, s storage.Storage, dir string) {
	must(t, s.MkdirAll(dir+"/claim"))
	must(t, s.MkdirAll(dir+"/out"))
	put(t, s, dir+"/claim/done", "text")
	must(t, s.Rename(dir+"/claim", dir+"/fenced"))
	_, err := s.Create(dir + "/claim/more")
	wantErr(t, "create in a moved directory", err, fs.ErrNotExist)
	wantErr(t, "rename out of a moved directory", s.Rename(dir+"/claim/done", dir+"/out/done"), fs.ErrNotExist)
}

func removedFile(t *testing.T, s storage.Storage, dir string) {
	must(t, s.MkdirAll(dir+"/claim"))
	f, err := s.Create(dir + "/claim/open")
	must(t, err)
	_, err = f.Write([]byte("text"))
	must(t, err)
	must(t, s.Remove(dir+"/claim"))
	_ = f.Close() // fails on HDFS, may succeed on an operating system
	_, err = s.Stat(dir + "/claim/open")
	wantErr(t, "stat of a removed open file", err, fs.ErrNotExist)
}
