package backing

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

func TestAFileBelongsToOneWorker(t *testing.T) {
	path := filepath.Join(t.TempDir(), "offsets.json")
	first, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFile(path); err == nil || !strings.Contains(err.Error(), path) ||
		!strings.Contains(err.Error(), "another worker uses it: stop that worker, or give each worker a file of its own") {
		t.Errorf("OpenFile of a file in use = %v, want an error that names it and says that it is", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := OpenFile(path)
	if err != nil {
		t.Fatalf("OpenFile after Close = %v, want no error", err)
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
}

func TestOpenFileRefusesDamagedContentAndSaysWhere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "offsets.json")
	for text, want := range map[string]string{
		"{\"src\":[\n{\"partition\":{},\n":       "line 3: unexpected end of JSON input",
		"{\n\n\n\"src\":[}":                      "line 4: invalid character '}'",
		"{\n\"src\":[\n{\"partition\":{}},\n7]}": "line 4: unexpected number",
		"[]":                                     "line 1: unexpected array",
		`{"src":[{"partition":{},"offset":{}},{"partition":{}}]}`: `entry 2 of connector "src": its source offset: there is no JSON object`,
		`{"src":[{"partition":7,"offset":{}}]}`:                   `entry 1 of connector "src": its source partition: `,
		`{"src":[{"partition":{},"offset":{"position":1e999}}]}`:  `entry 1 of connector "src": its source offset: the number 1e999 is too large`,
		"\x00\x00\x00": "line 1: invalid character",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := OpenFile(path)
		for _, want := range []string{path, want, "restore it, or remove it to start from the beginning"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("OpenFile of %q = %v, want an error with %q", text, err, want)
			}
		}
		if after, err := os.ReadFile(path); err != nil || string(after) != text {
			t.Errorf("the file holds %q, %v after the refusal, want what was in it", after, err)
		}
	}
}

// A file that is not one would be read without end, or show what is not ours.
func TestOpenFileReadsRegularFilesAlone(t *testing.T) {
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	if err := errors.Join(os.WriteFile(file("theirs"), []byte("{}"), 0o600), os.Symlink(file("theirs"), file("link")),
		os.Symlink(file("theirs"), file("locked.lock")), syscall.Mkfifo(file("pipe"), 0o600),
		os.WriteFile(file("huge"), nil, 0o600), os.Truncate(file("huge"), 1<<40), os.Mkdir(file("folder"), 0o700)); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		file("link"): "is a symbolic link: name the file itself", file("locked"): "locked.lock is a symbolic link",
		file("pipe"): "is not a regular file", file("folder"): "is not a regular file", "/dev/zero": "",
		file("huge"): "it has 1099511627776 bytes, and at most 268435456 are read",
	} {
		if s, err := OpenFile(path); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("OpenFile(%s) = %v, %v, want an error that names it and says %q", path, s, err, want)
		}
	}
}

func TestFilesAreTheirOwnersAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "offsets.json")
	if err := os.WriteFile(path, []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	put(t, s, "src", Entry{logA, map[string]any{"position": 1}})
	for _, name := range []string{path, path + ".lock"} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := info.Mode(), fs.FileMode(0o600); got != want {
			t.Errorf("mode of %s = %v, want %v", name, got, want)
		}
	}
}

func TestOpenFileSweepsUnfinishedWritesAndNothingElse(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "offsets")
	keep := []string{"offsets.1", "offsets.json", "offsets.unfinished-", "offsets.unfinished-x", "other.unfinished-1"}
	for _, name := range append(slices.Clone(keep), "offsets.unfinished-1", "offsets.unfinished-4294967295") {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var got []string
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		got = append(got, e.Name())
	}
	want := append(keep, "offsets.lock")
	slices.Sort(want)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("the folder holds %q, %v, want %q", got, err, want)
	}
}

// FuzzDecodeFile checks that whatever is in the file does not panic, and that what
// is taken stays the same however often it is written and read. A number with a
// fraction of 0 is a whole number from the first time on.
func FuzzDecodeFile(f *testing.F) {
	for _, s := range []string{`{"src":[{"partition":{"filename":"a"},"offset":{"position":12,"eof":true,"x":[1.5,null,{"y":-0}]}}]}`,
		`{"src":[{"partition":null,"offset":null}]}`, `{"":[]}`, `{"src":[{"partition":{},"offset":{"n":12345678901234567890}}]}`, "{", ""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := decodeFile(text)
		if err != nil {
			return
		}
		once := rewritten(t, m)
		if again := rewritten(t, once); !reflect.DeepEqual(again, once) {
			t.Fatalf("%#v became %#v when it was written and read", once, again)
		}
	})
}

func rewritten(t *testing.T, m map[string]Entry) map[string]Entry {
	text, err := encodeFile(m)
	if err != nil {
		t.Fatalf("encode what was decoded: %v", err)
	}
	if m, err = decodeFile(text); err != nil {
		t.Fatalf("decode what was encoded: %v", err)
	}
	return m
}

// FuzzDecodeRecord checks the same of the records of the offset topic.
func FuzzDecodeRecord(f *testing.F) {
	f.Add([]byte(`["src",{"filename":"a"}]`), []byte(`{"position":12}`))
	f.Add([]byte(`["src",null]`), []byte(`null`))
	f.Add([]byte(`[null,{}]`), []byte(`{"n":1e400}`))
	f.Fuzz(func(t *testing.T, key, value []byte) {
		r := &kgo.Record{Key: key, Value: value}
		for i := range 3 {
			k, e, err := decodeRecord(r)
			if err != nil && i == 0 {
				return
			}
			if err != nil {
				t.Fatalf("read what was written, %s %s: %v", r.Key, r.Value, err)
			}
			offset, err := offsetText("src", e.Offset)
			if errors.Is(err, ErrTooLarge) {
				return // it was just short enough in another form
			}
			if err != nil || i == 2 && (!bytes.Equal(k, r.Key) || !bytes.Equal(offset, r.Value)) {
				t.Fatalf("%s %s became %s %s, %v when it was written again", r.Key, r.Value, k, offset, err)
			}
			r = &kgo.Record{Key: k, Value: offset}
		}
	})
}
