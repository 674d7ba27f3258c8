package claim

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path"
	"reflect"
	"strings"
	"testing"

	"github.com/suiro/suiro/connectors/filesets/storage"
	"github.com/suiro/suiro/connectors/filesets/storage/storagetest"
)

// version1 is a set as the first version of the format has it. It stays
// readable.
const version1 = `{"version":1,"topic":"access","partition":3,"claim":"ABCDEFGHIJKLMNOPQRSTUVWXYZ","first":10,"last":19,` +
	`"files":[{"temp":"10-0.avro","path":"access/dt=2015-05-17/access+3+0000000010+0000000019.avro",` +
	`"records":9,"bytes":512,"schema":0}],` +
	`"schemas":["\"string\""]}`

func TestVersion1IsRead(t *testing.T) {
	l := NewLog(storagetest.NewMem(), "/root", "access", 3, nil)
	got, err := l.decode(ref{first: 10, last: 19}, []byte(version1))
	want := Set{Version: 1, Topic: "access", Partition: 3, Claim: "ABCDEFGHIJKLMNOPQRSTUVWXYZ", First: 10, Last: 19,
		Schemas: []string{`"string"`},
		Files: []File{{Temp: "10-0.avro", Path: "access/dt=2015-05-17/access+3+0000000010+0000000019.avro",
			Records: 9, Bytes: 512}}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("decode = %+v, %v, want %+v", got, err, want)
	}
	_, err = l.decode(ref{}, []byte(`{"version":2}`))
	if err == nil || !strings.Contains(err.Error(), "this program knows 1") {
		t.Errorf("a set of version 2: %v", err)
	}
	r, is, err := parseRef(storage.Entry{Name: "00000000000000000010+00000000000000000019.done"})
	want2 := ref{first: 10, last: 19, state: done}
	if !is || err != nil || r != want2 || r.name() != "00000000000000000010+00000000000000000019.done" {
		t.Errorf("parseRef = %+v, %v, %v, want %+v", r, is, err, want2)
	}
}

// put makes a file and its directories.
func put(t testing.TB, st storage.Storage, name, text string) {
	t.Helper()
	if err := st.MkdirAll(path.Dir(name)); err != nil {
		t.Fatal(err)
	}
	f, err := st.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

const someClaim = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// hostile is a pending set with a file that somebody else wrote into the log, after
// a change.
func hostile(t testing.TB, st storage.Storage, change func(*Set)) {
	t.Helper()
	set := Set{Version: 1, Topic: "t", Partition: 3, Claim: someClaim, First: 0, Last: 9,
		Files: []File{{Temp: "a", Path: "t/h=1/f", Records: 1, Bytes: 4}}}
	name := ref{first: 0, last: 9, state: pending}.name()
	change(&set)
	data, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	put(t, st, "/root/+commits/t/3/"+name, string(data))
	put(t, st, "/root/+tmp/t/3/fenced/"+someClaim+"/a", "text")
	put(t, st, "/root/secret", "keep")
	put(t, st, "/outside/secret", "keep")
}

func TestASetThatTheLogCannotHaveMovesNothing(t *testing.T) {
	for name, change := range map[string]func(*Set){
		"a path out of the root":         func(s *Set) { s.Files[0].Path = "../outside/f" },
		"a path out of the topic":        func(s *Set) { s.Files[0].Path = "t/../f" },
		"an absolute path":               func(s *Set) { s.Files[0].Path = "/outside/f" },
		"no folder":                      func(s *Set) { s.Files[0].Path = "f" },
		"a path in the log":              func(s *Set) { s.Files[0].Path = "+commits/t/3/00000000000000000010+00000000000000000019.done" },
		"a path with an empty element":   func(s *Set) { s.Files[0].Path = "t//f" },
		"a path with a NUL":              func(s *Set) { s.Files[0].Path = "t/f\x00" },
		"a temp file out of the claim":   func(s *Set) { s.Files[0].Temp = "../../../../../secret" },
		"a temp file above":              func(s *Set) { s.Files[0].Temp = ".." },
		"no temp file":                   func(s *Set) { s.Files[0].Temp = "" },
		"a manifest as temp file":        func(s *Set) { s.Files[0].Temp = "set-x" },
		"a claim out of the directory":   func(s *Set) { s.Claim = "../../../../../outside" },
		"no claim":                       func(s *Set) { s.Claim = "" },
		"another topic":                  func(s *Set) { s.Topic = "other" },
		"another partition":              func(s *Set) { s.Partition = 4 },
		"other offsets than in its name": func(s *Set) { s.Last = math.MaxInt64 },
		"a negative length":              func(s *Set) { s.Files[0].Bytes = -1 },
		"a negative count":               func(s *Set) { s.Files[0].Records = -1 },
		"a schema that is missing":       func(s *Set) { s.Files[0].Schema = 7 },
		"a negative schema":              func(s *Set) { s.Files[0].Schema = -1 },
		"a file twice":                   func(s *Set) { s.Files = append(s.Files, s.Files[0]) },
		"an unknown version":             func(s *Set) { s.Version = 9 },
	} {
		t.Run(name, func(t *testing.T) {
			st := storagetest.NewMem()
			hostile(t, st, change)
			before := st.Files("/")
			_, err := NewLog(st, "/root", "t", 3, nil).Take(t.Context())
			if !errors.Is(err, ErrUnreadable) || !strings.Contains(err.Error(), "00000000000000000000+") {
				t.Errorf("Take = %v, want ErrUnreadable and the name of the set", err)
			}
			if got := st.Files("/"); !reflect.DeepEqual(got, before) {
				t.Errorf("the storage has %d files, had %d", len(got), len(before))
			}
		})
	}
}

// TestANameThatIsNotASetsStopsTheLog: the offset after the last of 2^63-1 is
// negative, and the sink would read everything once more.
func TestANameThatIsNotASetsStopsTheLog(t *testing.T) {
	for _, name := range []string{
		fmt.Sprintf("%020d+%020d%s", 0, math.MaxInt64, done),
		fmt.Sprintf("%020d+%s%s", 0, strings.Repeat("9", 20), done),
		"0+9.done", "x+y.pending", ".done", "00000000000000000009+00000000000000000000.done",
		"-0000000000000000001+00000000000000000000.done",
	} {
		st := storagetest.NewMem()
		put(t, st, "/root/+commits/t/3/"+name, "{}")
		_, err := NewLog(st, "/root", "t", 3, nil).Take(t.Context())
		if !errors.Is(err, ErrUnreadable) || !strings.Contains(err.Error(), "/root/+commits/t/3/"+name) {
			t.Errorf("Take with %s = %v, want ErrUnreadable and its name", name, err)
		}
	}
	st := storagetest.NewMem()
	put(t, st, "/root/+commits/t/3/.DS_Store", "x")
	if err := st.MkdirAll("/root/+commits/t/3/lost+found"); err != nil {
		t.Fatal(err)
	}
	take(t, st) // what has not the ending of a set is nobody's business
}

func TestADirectoryInThePlaceOfASetStopsTheLog(t *testing.T) {
	st := storagetest.NewMem()
	if err := st.MkdirAll("/root/+commits/t/3/" + (ref{0, 9, done}).name()); err != nil {
		t.Fatal(err)
	}
	if _, err := NewLog(st, "/root", "t", 3, nil).Take(t.Context()); !errors.Is(err, ErrUnreadable) {
		t.Errorf("Take = %v, want ErrUnreadable", err)
	}
}

func TestSetsThatOverlapStopTheLog(t *testing.T) {
	st := storagetest.NewMem()
	for _, r := range []ref{{0, 9, done}, {5, 1 << 40, done}} {
		put(t, st, "/root/+commits/t/3/"+r.name(), "")
	}
	_, err := NewLog(st, "/root", "t", 3, nil).Take(t.Context())
	if !errors.Is(err, ErrUnreadable) || !strings.Contains(err.Error(), "begins before the end of") {
		t.Errorf("Take = %v, want ErrUnreadable", err)
	}
}

func TestAManifestThatIsTooLongIsNotRead(t *testing.T) {
	st := storagetest.NewMem()
	put(t, st, "/root/+commits/t/3/"+(ref{0, 9, pending}).name(), strings.Repeat(" ", maxManifest+1))
	_, err := NewLog(st, "/root", "t", 3, nil).Take(t.Context())
	if !errors.Is(err, ErrUnreadable) || !errors.Is(err, storage.ErrUnfit) {
		t.Errorf("Take = %v, want ErrUnreadable", err)
	}
}

// TestATempFileThatWasChangedIsNotMoved: a manifest says how long each file is.
func TestATempFileThatWasChangedIsNotMoved(t *testing.T) {
	for name, change := range map[string]func(*storagetest.Mem){
		"another length": func(st *storagetest.Mem) { put(t, st, "/root/+tmp/t/3/fenced/"+someClaim+"/a", "text and more") },
		"a directory": func(st *storagetest.Mem) {
			if err := st.MkdirAll("/root/+tmp/t/3/fenced/" + someClaim + "/a/b"); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			st := storagetest.NewMem()
			hostile(t, st, func(*Set) {})
			if err := st.Remove("/root/+tmp/t/3/fenced/" + someClaim + "/a"); err != nil {
				t.Fatal(err)
			}
			change(st)
			var lost *LostError
			if _, err := NewLog(st, "/root", "t", 3, nil).Take(t.Context()); !errors.As(err, &lost) {
				t.Errorf("Take = %v, want a LostError", err)
			}
		})
	}
}

// TestWhatIsNotAClaimIsLeftAlone: only claims are fenced and swept.
func TestWhatIsNotAClaimIsLeftAlone(t *testing.T) {
	st := storagetest.NewMem()
	for _, dir := range []string{"live", "fenced", "new"} {
		put(t, st, "/root/+tmp/t/3/"+dir+"/backup/file", "keep")
		put(t, st, "/root/+tmp/t/3/"+dir+"/note", "keep")
	}
	take(t, st)
	take(t, st)
	if got := len(st.Files("/root")); got != 6 {
		t.Errorf("%d files are left, want 6", got)
	}
}

func FuzzParseRef(f *testing.F) {
	f.Add("00000000000000000010+00000000000000000019.done")
	f.Add("x+y.pending")
	f.Add("00000000000000000000+09223372036854775807.done")
	f.Fuzz(func(t *testing.T, name string) {
		r, is, err := parseRef(storage.Entry{Name: name})
		if !is || err != nil {
			return
		}
		if r.name() != name || r.first < 0 || r.last < r.first || r.last+1 < 0 {
			t.Errorf("%q is %+v, whose name is %q", name, r, r.name())
		}
	})
}

// FuzzManifest takes a partition over whose log holds any manifest. Whatever it
// says, nothing outside the root and no other topic changes.
func FuzzManifest(f *testing.F) {
	f.Add([]byte(version1))
	f.Add([]byte(`{"version":1,"topic":"t","partition":3,"claim":"` + someClaim + `","first":0,"last":9,"files":` +
		`[{"temp":"a","path":"t/x","bytes":4},{"temp":"b","path":"../outside/secret","bytes":4}]}`))
	f.Add([]byte(`{"version":1,"topic":"t","partition":3,"claim":"` + someClaim + `","last":9,"files":` +
		`[{"temp":"a","path":"t/h=1/x","bytes":4}]}`))
	f.Fuzz(func(t *testing.T, manifest []byte) {
		st := storagetest.NewMem()
		put(t, st, "/root/+commits/t/3/"+(ref{0, 9, pending}).name(), string(manifest))
		put(t, st, "/root/+tmp/t/3/fenced/"+someClaim+"/a", "text")
		put(t, st, "/root/other/f", "keep")
		put(t, st, "/outside/secret", "keep")
		l := NewLog(st, "/root", "t", 3, nil)
		l.Contents = true
		c, err := l.Take(t.Context())
		files := st.Files("/")
		if string(files["/root/other/f"]) != "keep" || string(files["/outside/secret"]) != "keep" || len(st.Files("/outside")) != 1 {
			t.Errorf("a manifest changed other files: %d are there", len(files))
		}
		if err != nil {
			return
		}
		if next, ok := c.Next(); next != 10 || !ok {
			t.Errorf("Next = %d, %v, want 10", next, ok)
		}
	})
}
