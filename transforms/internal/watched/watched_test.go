package watched

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
)

// rig is a file with a clock.
type rig struct {
	t    *testing.T
	path string
	now  time.Time
	file *File[string]
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, path: filepath.Join(t.TempDir(), "table"), now: time.Now()}
	r.write("one")
	var err error
	if r.file, err = Open(r.path, func(text []byte) (string, error) {
		if strings.Contains(string(text), "bad") {
			return "", errors.New("no table")
		}
		return string(text), nil
	}); err != nil {
		t.Fatal(err)
	}
	r.file.now = func() time.Time { return r.now }
	return r
}

// write replaces the content, as of now.
func (r *rig) write(text string) {
	r.t.Helper()
	if err := os.WriteFile(r.path, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
	if err := os.Chtimes(r.path, r.now, r.now); err != nil {
		r.t.Fatal(err)
	}
}

// wants checks what Get returns when some time has passed.
func (r *rig) wants(after time.Duration, want string, wantErr bool) {
	r.t.Helper()
	r.now = r.now.Add(after)
	got, err := r.file.Get()
	if err == nil && got != want || (err != nil) != wantErr || err != nil && !connect.IsRetriable(err) {
		r.t.Errorf("Get = %q, %v, want %q, a retriable error: %v", got, err, want, wantErr)
	}
}

func TestAFileThatIsReplacedIsReadAgain(t *testing.T) {
	r := newRig(t)
	r.wants(0, "one", false)
	r.write("another")
	r.wants(time.Second, "one", false) // somebody may still be writing it
	r.wants(pause, "another", false)
	r.wants(time.Hour, "another", false)
}

func TestAFileThatCannotBeReadIsUsedForAWhile(t *testing.T) {
	for name, breaks := range map[string]func(*rig){
		"bad":     func(r *rig) { r.write("bad") },
		"missing": func(r *rig) { _ = os.Remove(r.path) },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.wants(time.Minute, "one", false)
			breaks(r)
			r.wants(pause, "one", false)
			r.wants(patience, "", true)
			r.wants(time.Millisecond, "", true)
			r.write("good")
			r.wants(pause, "good", false)
		})
	}
}

func TestAFileThatComesBackAsItWasIsUsedAgain(t *testing.T) {
	r := newRig(t)
	r.wants(time.Minute, "one", false)
	aside := r.path + ".aside"
	if err := os.Rename(r.path, aside); err != nil {
		t.Fatal(err)
	}
	r.wants(pause, "one", false)
	r.wants(patience, "", true)
	if err := os.Rename(aside, r.path); err != nil {
		t.Fatal(err)
	}
	r.wants(pause, "one", false)
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad")
	if err := os.WriteFile(bad, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{dir: "name a file", filepath.Join(dir, "none"): "no such file", bad: "no table"} {
		_, err := Open(path, func([]byte) (string, error) { return "", errors.New("no table") })
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("Open(%s) = %v, want an error with %q and the name", path, err, want)
		}
	}
}
