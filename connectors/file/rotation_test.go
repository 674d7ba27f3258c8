package file

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
)

// rename moves app.log.1 to app.log.2 and app.log to app.log.1, as logrotate
// does.
func rotate(t *testing.T, path string) {
	t.Helper()
	for n := 8; n >= 0; n-- {
		from := fmt.Sprintf("%s.%d", path, n)
		if n == 0 {
			from = path
		}
		if err := os.Rename(from, fmt.Sprintf("%s.%d", path, n+1)); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
}

func texts(records []*connect.SourceRecord) string {
	var out []string
	for _, r := range records {
		out = append(out, string(r.Value.Bytes()))
	}
	return strings.Join(out, " ")
}

func metric(t *testing.T, s *connecttest.Source, name string) float64 {
	t.Helper()
	return s.Context.Metric(t, name)
}

func TestSourceFollowsSeveralRotationsBetweenTwoPolls(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.log")
	write(t, path+".1", "from before\n")
	write(t, path, "a1\n")
	s := start(t, connecttest.NewSourceContext(), props(path, "file.end", "follow"))
	s.Take(1)
	appendTo(t, path, "a2\n")
	rotate(t, path)
	write(t, path, "b1\nb2\n")
	rotate(t, path)
	write(t, path, "c1\n")
	if got, want := texts(s.Take(4)), "a2 b1 b2 c1"; got != want {
		t.Errorf("lines = %s, want %s", got, want)
	}
	rotate(t, path)
	write(t, path, "d1\n")
	if got, want := texts(s.Take(1)), "d1"; got != want {
		t.Errorf("lines = %s, want %s", got, want)
	}
	if got := metric(t, s, "file_source_rotations_total"); got != 3 {
		t.Errorf("rotations = %v, want 3", got)
	}
	if got := metric(t, s, "file_source_lost_files_total"); got != 0 {
		t.Errorf("lost files = %v, want 0", got)
	}
}

func TestSourceFindsTheRotatedFileAfterARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.log")
	sc := connecttest.NewSourceContext()
	write(t, path+".1", "from before\n")
	write(t, path, "a1\na2\n")
	s := start(t, sc, props(path, "file.end", "follow"))
	s.Keep(s.Take(2)[0])
	s.Stop()
	appendTo(t, path, "a3\n")
	rotate(t, path)
	write(t, path, "b1\n")
	rotate(t, path)
	write(t, path, "c1\n")
	s = start(t, sc, props(path, "file.end", "follow"))
	records := s.Take(4)
	if got, want := texts(records), "a2 a3 b1 c1"; got != want {
		t.Errorf("lines = %s, want %s", got, want)
	}
	s.Keep(records...)
	s.Stop()
	appendTo(t, path, "c2\n")
	if got, want := texts(start(t, sc, props(path, "file.end", "follow")).Take(1)), "c2"; got != want {
		t.Errorf("lines = %s, want %s", got, want)
	}
}

// A rotated file that is compressed is another file with the same text.
func TestSourceReadsARotatedFileThatIsCompressed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.log")
	sc := connecttest.NewSourceContext()
	write(t, path, "a1\na2\n")
	s := start(t, sc, props(path, "file.end", "follow"))
	s.Keep(s.Take(1)[0])
	s.Stop()
	rotate(t, path)
	info, err := os.Stat(path + ".1")
	if err != nil {
		t.Fatal(err)
	}
	write(t, path+".1.gz", compressed("a1\na2\n"))
	if err := os.Chtimes(path+".1.gz", info.ModTime(), info.ModTime()); err != nil { // gzip keeps it
		t.Fatal(err)
	}
	if err := os.Remove(path + ".1"); err != nil {
		t.Fatal(err)
	}
	write(t, path, "b1\n")
	if got, want := texts(start(t, sc, props(path, "file.end", "follow")).Take(2)), "a2 b1"; got != want {
		t.Errorf("lines = %s, want %s", got, want)
	}
}

func TestSourceReadsTheCopyOfATruncatedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.log")
	write(t, path, "a1\n")
	s := start(t, connecttest.NewSourceContext(), props(path, "file.end", "follow"))
	s.Take(1)
	if records, err := s.Task.Poll(t.Context()); len(records) > 0 || err != nil {
		t.Fatalf("Poll = %s, %v, want nothing", texts(records), err)
	}
	for _, next := range []string{"b1\nb2\nb3\n", "c1\nc2\nc3\nc4\n"} { // each longer than what was read
		appendTo(t, path, "late\n")
		rotate(t, path) // copytruncate: the writer keeps its file, and the copy is another one
		text, err := os.ReadFile(path + ".1")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+".1", path); err != nil {
			t.Fatal(err)
		}
		write(t, path+".1", string(text))
		write(t, path, next)
	}
	if got, want := texts(s.Take(9)), "late b1 b2 b3 late c1 c2 c3 c4"; got != want {
		t.Errorf("lines = %s, want %s", got, want)
	}
}

func TestSourceTellsWhatCannotBeFollowed(t *testing.T) {
	t.Run("gone after a restart", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "app.log")
		sc := connecttest.NewSourceContext()
		write(t, path, "a1\n")
		s := start(t, sc, props(path))
		s.Keep(s.Take(1)...)
		s.Stop()
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		write(t, path, "b1\nb2\n")
		s = start(t, sc, props(path))
		if got, want := texts(s.Take(2)), "b1 b2"; got != want {
			t.Errorf("lines = %s, want %s", got, want)
		}
		if got := metric(t, s, "file_source_lost_files_total"); got != 1 {
			t.Errorf("lost files = %v, want 1", got)
		}
	})
	t.Run("compressed otherwise", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "app.log")
		write(t, path, "a1\n")
		s := start(t, connecttest.NewSourceContext(), props(path, "file.end", "follow"))
		s.Take(1)
		rotate(t, path)
		write(t, path, "b1\n")
		rotate(t, path)
		if err := os.Rename(path+".1", path+".1.xz"); err != nil {
			t.Fatal(err)
		}
		write(t, path, "c1\n")
		if got, want := texts(s.Take(1)), "c1"; got != want {
			t.Errorf("lines = %s, want %s", got, want)
		}
		if got := metric(t, s, "file_source_lost_files_total"); got != 1 {
			t.Errorf("lost files = %v, want 1", got)
		}
	})
}

func TestFolderThatDoesNotChangeIsNotListedAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.log")
	for n := range 1000 {
		write(t, fmt.Sprintf("%s/other-%d", filepath.Dir(path), n), "x")
	}
	write(t, path, "a1\n")
	s := start(t, connecttest.NewSourceContext(), props(path, "file.end", "follow"))
	s.Take(1)
	rotate(t, path)
	write(t, path, "")
	past := time.Now().Add(-time.Hour)
	if err := os.Chtimes(filepath.Dir(path), past, past); err != nil {
		t.Fatal(err)
	}
	idle := testing.AllocsPerRun(10, func() {
		if _, ok, err := s.Task.(*SourceTask).in.next(t.Context()); ok || err != nil {
			t.Fatalf("next = %v, %v, want nothing", ok, err)
		}
	})
	if idle > 200 {
		t.Errorf("an idle look makes %v allocations, as many as a list of the folder", idle)
	}
	appendTo(t, path, "b1\n")
	if got, want := texts(s.Take(1)), "b1"; got != want {
		t.Errorf("lines = %s, want %s", got, want)
	}
}

func TestRotatedNames(t *testing.T) {
	for name, want := range map[string]bool{
		"app.log.1": true, "app.log.12.gz": true, "app.log-20150517": true, "app.log.2015-05-17T10:00:00": true,
		"app-2015-05-17.log": true, "app-1.log.gz": true, "app.log.old": true,
		"app.log": false, "app.log.swp": false, "app.log.offsets": false, "app2.log": false, "app.log.": false,
		"other.log.1": false, "app-error.log": false, "app.log.1.tmp": false, "xapp.log.1": false,
	} {
		if _, got := rotationOf("app.log", name); got != want {
			t.Errorf("rotationOf(app.log, %s) = %v, want %v", name, got, want)
		}
	}
}

func TestGenerationsOfOneTickAreInTheOrderOfRotation(t *testing.T) {
	for _, c := range []struct{ want []string }{
		{[]string{"10", "2", "1"}},
		{[]string{"20150517", "20150518", "20150519"}},
	} {
		got := slices.Clone(c.want)
		slices.Reverse(got)
		slices.SortFunc(got, byRotation)
		if !slices.Equal(got, c.want) {
			t.Errorf("order = %v, want %v", got, c.want)
		}
	}
}
