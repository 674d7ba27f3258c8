//go:build unix

package file

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connectors/file/internal/members"
	"github.com/suiro/suiro/connectors/file/internal/regular"
)

// TestOnlyFilesAndPipesAreSources: a device has no end, and a file of the kernel
// no beginning to come back to. They are refused before anything is read.
func TestOnlyFilesAndPipesAreSources(t *testing.T) {
	dir := t.TempDir()
	socket, err := net.Listen("unix", filepath.Join(dir, "socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	cases := map[string]string{
		"/dev/zero": "is a device", "/dev/null": "is a device", dir: "is a folder",
		filepath.Join(dir, "socket"): "is a socket",
	}
	if runtime.GOOS == "linux" {
		cases["/proc/self/status"], cases["/proc/kmsg"] = "is a file that the kernel makes up", "is a file that the kernel makes up"
	}
	for path, want := range cases {
		c := &SourceConnector{}
		err := c.Start(t.Context(), connecttest.Parse(t, SourcePlugin().Info, props(path)))
		if !errors.Is(err, regular.ErrKind) || !strings.Contains(err.Error(), path+" "+want) {
			t.Errorf("Start with %s = %v, want %q", path, err, want)
		}
		task := c.NewTask()
		err = task.Start(t.Context(), connecttest.NewSourceContext(), connecttest.Parse(t, SourcePlugin().Info, props(path)))
		if !errors.Is(err, regular.ErrKind) {
			t.Errorf("a task's Start with %s = %v, want %v", path, err, regular.ErrKind)
		}
	}
}

func TestASymlinkLoopIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "loop")
	if err := os.Symlink(path, path); err != nil {
		t.Fatal(err)
	}
	for _, end := range []string{endFollow, endStop} {
		task := (&SourceConnector{}).NewTask()
		v := connecttest.Parse(t, SourcePlugin().Info, props(path, "file.end", end))
		if err := task.Start(t.Context(), connecttest.NewSourceContext(), v); !errors.Is(err, syscall.ELOOP) {
			t.Errorf("Start with file.end=%s = %v, want %v", end, err, syscall.ELOOP)
		}
	}
}

// TestAPathThatBecomesSomethingElseIsAnError: the file is rotated away, and what
// comes next at the path is not a file.
func TestAPathThatBecomesSomethingElseIsAnError(t *testing.T) {
	for name, put := range map[string]func(path string) error{
		"a pipe":   func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"a device": func(path string) error { return os.Symlink("/dev/zero", path) },
		"a folder": func(path string) error { return os.Mkdir(path, 0o700) },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "app.log")
			write(t, path, "a\n")
			s := start(t, connecttest.NewSourceContext(), props(path, "file.end", "follow"))
			if got, want := texts(s.Take(1)), "a"; got != want {
				t.Fatalf("lines = %s, want %s", got, want)
			}
			if err := errors.Join(os.Rename(path, path+".1"), put(path)); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Task.Poll(t.Context()); !errors.Is(err, regular.ErrKind) {
				t.Errorf("Poll = %v, want %v", err, regular.ErrKind)
			}
		})
	}
}

// sparse makes a file of zeros that takes no space.
func sparse(t *testing.T, size int64) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "zeros")
	write(t, path, "")
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestALineWithoutAnEndCanBeStopped: it has 1 TiB, which nobody waits for.
func TestALineWithoutAnEndCanBeStopped(t *testing.T) {
	s := start(t, connecttest.NewSourceContext(), props(sparse(t, 1<<40), "file.end", "follow"))
	for range 3 {
		if records, err := s.Task.Poll(t.Context()); len(records) > 0 || err != nil {
			t.Fatalf("Poll = %v, %v, want nothing yet", records, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if records, err := s.Task.Poll(ctx); len(records) > 0 || err != nil {
		t.Errorf("Poll after the end = %v, %v, want nothing", records, err)
	}
}

// TestALineWithoutAnEndIsRejectedAndTheRestGoesOn reads a line of 200 MB of NUL
// bytes between two others.
func TestALineWithoutAnEndIsRejectedAndTheRestGoesOn(t *testing.T) {
	const size = 200 << 20
	path := sparse(t, size)
	appendTo(t, path, "\nlast\n")
	sc := connecttest.NewSourceContext()
	sc.Tolerate(true)
	s := start(t, sc, props(path))
	if got, want := texts(readAll(s)), "last"; got != want {
		t.Errorf("lines = %s, want %s", got, want)
	}
	rejected := sc.Rejected()
	if len(rejected) != 1 || !strings.Contains(rejected[0].Reason.Error(), "is 209715200 bytes long, line.max.bytes is") {
		t.Errorf("rejected are %v, want the long line", rejected)
	}
}

// TestAPipeWithoutALineEndCanBeStopped: the writer goes on and on.
func TestAPipeWithoutALineEndCanBeStopped(t *testing.T) {
	c := &SourceConnector{stdin: zeros{}}
	p := props("-")
	if err := c.Start(t.Context(), connecttest.Parse(t, SourcePlugin().Info, p)); err != nil {
		t.Fatal(err)
	}
	s := connecttest.StartSource(t, SourcePlugin().Info, connecttest.NewSourceContext(), c.NewTask(), p)
	if records, err := s.Task.Poll(t.Context()); len(records) > 0 || err != nil {
		t.Errorf("Poll = %v, %v, want nothing yet", records, err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestAMillionGzipMembers: each is empty, and only the last has a line.
func TestAMillionGzipMembers(t *testing.T) {
	var empty bytes.Buffer
	if err := gzip.NewWriter(&empty).Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "in.gz")
	write(t, path, compressed("a\nb")+strings.Repeat(empty.String(), 100_000)+compressed("c\nd\n"))
	s := start(t, connecttest.NewSourceContext(), props(path))
	in := s.Task.(*SourceTask).in
	busy := 0
	var lines []string
	for !in.done() {
		l, ok, err := in.next(t.Context())
		if errors.Is(err, members.ErrBusy) {
			busy++
		} else if err != nil {
			t.Fatal(err)
		}
		if ok {
			lines = append(lines, string(l.Text))
		}
	}
	if got, want := strings.Join(lines, " "), "a bc d"; got != want {
		t.Errorf("lines = %s, want %s", got, want)
	}
	if busy < 50 {
		t.Errorf("the source could have been stopped %d times, want once every %d members", busy, members.AtOnce)
	}
}

// TestAGzipBombCanBeStoppedAtItsPosition: a kept position in it is found by
// decompressing all that is before.
func TestAGzipBombCanBeStoppedAtItsPosition(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in.gz")
	write(t, path, strings.Repeat(compressed(strings.Repeat("\x00", 1<<20)), 64))
	sc := connecttest.NewSourceContext()
	sc.Keep(map[string]any{"filename": path}, map[string]any{"position": int64(1 << 40)})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	task := (&SourceConnector{}).NewTask()
	err := task.Start(ctx, sc, connecttest.Parse(t, SourcePlugin().Info, props(path)))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Start = %v, want %v", err, context.Canceled)
	}
}

// TestKeptOffsetsOfAnotherShapeAreErrors: they come from a topic that others may
// write to.
func TestKeptOffsetsOfAnotherShapeAreErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in")
	write(t, path, "a\nb\n")
	good := map[string]any{"position": int64(2), "inode": int64(7), "head": int64(1)}
	for name, change := range map[string]map[string]any{
		"a negative position":       {"position": int64(-1)},
		"a position of text":        {"position": "2"},
		"a fraction":                {"position": 2.5},
		"a list":                    {"position": []any{int64(2)}},
		"an inode of text":          {"inode": "7"},
		"a checksum of text":        {"head": strings.Repeat("x", 1<<20)},
		"a negative checksum":       {"head": int64(-1)},
		"a checksum of 33 bits":     {"head": int64(1) << 32},
		"a checksum that is a flag": {"head": true},
	} {
		offset := map[string]any{}
		for _, m := range []map[string]any{good, change} {
			for k, v := range m {
				offset[k] = v
			}
		}
		sc := connecttest.NewSourceContext()
		sc.Keep(map[string]any{"filename": path}, offset)
		err := (&SourceConnector{}).NewTask().Start(t.Context(), sc, connecttest.Parse(t, SourcePlugin().Info, props(path)))
		if err == nil || !strings.Contains(err.Error(), "delete its offsets") || len(err.Error()) > 1000 {
			t.Errorf("Start with %s = %.200v, want an error that says what to do", name, err)
		}
	}
}

// TestAPositionBehindTheFileReadsItFromItsBeginning: the file is another one, or was
// truncated. Lines come twice rather than never.
func TestAPositionBehindTheFileReadsItFromItsBeginning(t *testing.T) {
	for kind, encode := range map[string]func(string) string{"plain": strings.Clone, "gzip": compressed} {
		for _, position := range []int64{5, 1 << 40, 1<<63 - 1} {
			path := filepath.Join(t.TempDir(), "in")
			write(t, path, encode("a\nb\n"))
			sc := connecttest.NewSourceContext()
			sc.Keep(map[string]any{"filename": path}, map[string]any{"position": position})
			if got, want := texts(readAll(start(t, sc, props(path)))), "a b"; got != want {
				t.Errorf("%s at %d: lines = %s, want %s", kind, position, got, want)
			}
		}
	}
}

func FuzzPlace(f *testing.F) {
	f.Add(int64(3), int64(7), int64(1), "x", byte(0))
	f.Add(int64(1)<<62, int64(-1), int64(1)<<40, "", byte(7))
	f.Fuzz(func(t *testing.T, position, inode, head int64, text string, kinds byte) {
		offset := map[string]any{"position": position, "inode": inode, "head": head}
		for i, name := range []string{"position", "inode", "head"} {
			switch kinds >> (2 * i) & 3 {
			case 1:
				offset[name] = text
			case 2:
				offset[name] = float64(position)
			case 3:
				delete(offset, name)
			}
		}
		p, err := placeOf(offset)
		if err == nil && (p.position < 0 || p.head < 0 || p.head>>32 != 0) {
			t.Errorf("placeOf(%v) = %+v", offset, p)
		}
		if kinds == 0 && position >= 0 && head >= 0 && head>>32 == 0 &&
			(err != nil || p != place{position: position, inode: inode, head: head, known: true}) {
			t.Errorf("placeOf(%v) = %+v, %v", offset, p, err)
		}
	})
}

var _ connect.SourceTask = (*SourceTask)(nil)

// TestTheSinkFollowsNoPlantedLink: whoever may write to the folder put it there.
func TestTheSinkFollowsNoPlantedLink(t *testing.T) {
	dir := t.TempDir()
	write(t, dir+"/secret", "keep\n")
	if err := os.Symlink(dir+"/secret", dir+"/out"); err != nil {
		t.Fatal(err)
	}
	task := &SinkTask{}
	v := connecttest.Parse(t, SinkPlugin().Info, map[string]string{"file": dir + "/out"})
	err := task.Start(t.Context(), connecttest.NewSinkContext(), v)
	if err == nil || !strings.Contains(err.Error(), "it is a symbolic link") {
		t.Errorf("Start = %v, want an error about the link", err)
	}
	if text, err := os.ReadFile(dir + "/secret"); err != nil || string(text) != "keep\n" {
		t.Errorf("the other file holds %q, %v", text, err)
	}
}

func TestTheSinksFileIsItsOwners(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	path := filepath.Join(t.TempDir(), "out")
	sink := connecttest.StartSink(t, SinkPlugin().Info, &SinkTask{}, map[string]string{"file": path})
	defer sink.Stop()
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode = %o, %v, want 600", info.Mode().Perm(), err)
	}
}
