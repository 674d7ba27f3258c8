package file

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"

	"github.com/suiro/suiro/connectors/file/internal/lines"
)

// got is a record as the tests compare it.
func got(records []*connect.SourceRecord) []string {
	var out []string
	for _, r := range records {
		out = append(out, fmt.Sprintf("%s@%d", r.Value.Bytes(), r.NextOffset()["position"]))
	}
	return out
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func appendTo(t *testing.T, path, content string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(content); err != nil {
		t.Fatal(err)
	}
}

func compressed(content string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(content)) // a buffer takes everything
	_ = z.Close()
	return b.String()
}

func props(path string, more ...string) map[string]string {
	p := map[string]string{"name": "src", "file": path, "topic": "lines", "file.end": "stop", "poll.interval.ms": "2"}
	for i := 0; i < len(more); i += 2 {
		p[more[i]] = more[i+1]
	}
	return p
}

// start runs a task of a new connector over the offsets in sc.
func start(t *testing.T, sc *connecttest.SourceContext, p map[string]string) *connecttest.Source {
	t.Helper()
	c := &SourceConnector{}
	if err := c.Start(t.Context(), connecttest.Parse(t, SourcePlugin().Info, p)); err != nil {
		t.Fatal(err)
	}
	return connecttest.StartSource(t, SourcePlugin().Info, sc, c.NewTask(), p)
}

// readAll polls to the end of the input.
func readAll(s *connecttest.Source) []*connect.SourceRecord {
	var all []*connect.SourceRecord
	for {
		records, more := s.Poll()
		all = append(all, records...)
		if !more {
			return all
		}
	}
}

func TestSourceReadsLinesToTheEnd(t *testing.T) {
	for name, c := range map[string]struct {
		content string
		want    []string
	}{
		"lf":              {"a\nbc\n", []string{"a@2", "bc@5"}},
		"crlf":            {"a\r\nbc\r\n\r\n", []string{"a@3", "bc@7", "@9"}},
		"no last newline": {"a\nbc", []string{"a@2", "bc@4"}},
		"empty lines":     {"\n\na\n", []string{"@1", "@2", "a@4"}},
		"a cr inside":     {"a\rb\n\r\n", []string{"a\rb@4", "@6"}},
		"not utf-8":       {"\xff\xfe\x00\n", []string{"\xff\xfe\x00@4"}},
		"empty":           {"", nil},
		"only a newline":  {"\n", []string{"@1"}},
	} {
		for kind, encode := range map[string]func(string) string{"plain": strings.Clone, "gzip": compressed} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "in")
				write(t, path, encode(c.content))
				sc := connecttest.NewSourceContext()
				s := start(t, sc, props(path))
				records := readAll(s)
				if got := got(records); !slices.Equal(got, c.want) {
					t.Errorf("records = %q, want %q", got, c.want)
				}
				s.Keep(records...)
				s.Stop()
				if again := readAll(start(t, sc, props(path))); len(again) > 0 {
					t.Errorf("a second run read %q, want nothing", got(again))
				}
			})
		}
	}
}

func TestSourceGoesOnAtEveryOffset(t *testing.T) {
	content := "one\ntwo\r\n\nfour\nfive"
	for kind, encode := range map[string]func(string) string{"plain": strings.Clone, "gzip": compressed} {
		path := filepath.Join(t.TempDir(), "in")
		write(t, path, encode(content))
		all := readAll(start(t, connecttest.NewSourceContext(), props(path)))
		for i := range all {
			sc := connecttest.NewSourceContext()
			sc.Keep(all[i].SourcePartition, all[i].NextOffset())
			if got, want := got(readAll(start(t, sc, props(path)))), got(all[i+1:]); !slices.Equal(got, want) {
				t.Errorf("%s: after %v read %q, want %q", kind, all[i].NextOffset(), got, want)
			}
		}
	}
}

func TestSourceRecordsAreTextForTheTopic(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in")
	write(t, path, "a\n")
	r := readAll(start(t, connecttest.NewSourceContext(), props(path)))[0]
	schema, v, err := r.Value.Decode()
	if v != "a" || schema.Kind.String() != "STRING" || err != nil {
		t.Errorf("value = %v of %v, %v, want the string a", v, schema, err)
	}
	if r.Topic != "lines" || r.Partition != (connect.Partition{}) || !r.Key.IsNull() || r.SourcePartition["filename"] != path {
		t.Errorf("record = %+v, want topic lines, any partition, no key, the file as source partition", r)
	}
}

func TestSourceFollowsGrowth(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in")
	s := start(t, connecttest.NewSourceContext(), props(path, "file.end", "follow"))
	write(t, path, "a\nb")
	if got, want := got(s.Take(1)), []string{"a@2"}; !slices.Equal(got, want) {
		t.Fatalf("records = %q, want %q without the open line", got, want)
	}
	appendTo(t, path, "c\r\nd\n")
	if got, want := got(s.Take(2)), []string{"bc@6", "d@8"}; !slices.Equal(got, want) {
		t.Errorf("records = %q, want %q", got, want)
	}
}

func TestSourceFollowsRotation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in")
	write(t, path, "a\nopen")
	s := start(t, connecttest.NewSourceContext(), props(path, "file.end", "follow"))
	s.Take(1)
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	appendTo(t, path+".1", " line\nlate")
	write(t, path, "new\n")
	want := []string{"open line@12", "late@16", "new@4"}
	if got := got(s.Take(3)); !slices.Equal(got, want) {
		t.Errorf("records = %q, want %q", got, want)
	}
}

// logrotate creates the new file before it tells the server to open it.
func TestSourceReadsWhatComesAfterTheRenaming(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in")
	write(t, path, "a\n")
	s := start(t, connecttest.NewSourceContext(), props(path, "file.end", "follow", "poll.interval.ms", "20"))
	s.Take(1)
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	write(t, path, "")
	for range 2 {
		if records, err := s.Task.Poll(t.Context()); len(records) > 0 || err != nil {
			t.Fatalf("Poll = %q, %v, want nothing", got(records), err)
		}
	}
	appendTo(t, path+".1", "late\n")
	if got, want := got(s.Take(1)), []string{"late@7"}; !slices.Equal(got, want) {
		t.Errorf("records = %q, want %q", got, want)
	}
	appendTo(t, path, "new\n")
	appendTo(t, path+".1", "later\n")
	if got, want := got(s.Take(2)), []string{"later@13", "new@4"}; !slices.Equal(got, want) {
		t.Errorf("records = %q, want %q", got, want)
	}
}

func TestSourceFollowsTruncation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in")
	write(t, path, "a\nb\nc\n")
	s := start(t, connecttest.NewSourceContext(), props(path, "file.end", "follow"))
	s.Take(3)
	write(t, path, "x\n")
	if got, want := got(s.Take(1)), []string{"x@2"}; !slices.Equal(got, want) {
		t.Errorf("records = %q, want %q", got, want)
	}
}

func TestSourceStartsOverWhenTheFileIsAnother(t *testing.T) {
	for name, c := range map[string]struct {
		content string
		want    []string
	}{
		"shorter":               {"x\n", []string{"x@2"}},
		"no line ends there":    {"xxxxxxxx\n", []string{"xxxxxxxx@9"}},
		"a line ends there":     {"xxx\ny\n", []string{"y@6"}},
		"the open line has end": {"xxxx\ny\n", []string{"y@7"}},
		"with crlf":             {"xxxx\r\ny\n", []string{"y@8"}},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "in")
			write(t, path, c.content)
			sc := connecttest.NewSourceContext()
			sc.Keep(map[string]any{"filename": path}, map[string]any{"position": 4})
			if got := got(readAll(start(t, sc, props(path)))); !slices.Equal(got, c.want) {
				t.Errorf("records = %q, want %q", got, c.want)
			}
		})
	}
}

func TestSourceRejectsALongLineAfterTheLinesBeforeIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in")
	write(t, path, "a\n"+strings.Repeat("x", 11)+"\r\n0123456789\n")
	sc := connecttest.NewSourceContext()
	s := start(t, sc, props(path, "line.max.bytes", "10"))
	first, _ := s.Poll()
	if len(sc.Rejected()) > 0 || len(first) != 1 {
		t.Fatalf("the first poll gave %q and rejected %v, want the line before", got(first), sc.Rejected())
	}
	if got, want := got(readAll(s)), []string{"0123456789@26"}; !slices.Equal(got, want) {
		t.Errorf("records = %q, want %q", got, want)
	}
	rejected := sc.Rejected()
	if len(rejected) != 1 {
		t.Fatalf("rejected %v, want one line", rejected)
	}
	r := rejected[0]
	if string(r.Record.Value.Bytes()) != "xxxxxxxxxx" || r.Record.NextOffset()["position"] != int64(15) {
		t.Errorf("rejected %q at %v, want its first bytes and the position after it",
			r.Record.Value.Bytes(), r.Record.NextOffset())
	}
	var reason *connect.Reason
	if !errors.As(r.Reason, &reason) ||
		reason.Headers["file.line.begin"] != "2" || reason.Headers["file.line.end"] != "13" {
		t.Errorf("reason = %v, want the range 2 to 13", r.Reason)
	}
	want := "line of file " + path + " at bytes 2 to 13 is 11 bytes long, line.max.bytes is 10"
	if r.Reason.Error() != want {
		t.Errorf("reason = %v, want %s", r.Reason, want)
	}
}

func TestSourceStopsAtALongLineWithoutTolerance(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in")
	write(t, path, strings.Repeat("x", 11)+"\n")
	sc := connecttest.NewSourceContext()
	sc.Tolerate(false)
	s := start(t, sc, props(path, "line.max.bytes", "10"))
	for range 2 {
		if _, err := s.Task.Poll(t.Context()); err != nil && !errors.Is(err, connecttest.ErrNotTolerated) {
			t.Fatalf("Poll = %v", err)
		}
	}
	if _, err := s.Task.Poll(t.Context()); !errors.Is(err, connecttest.ErrNotTolerated) {
		t.Errorf("Poll = %v, want %v", err, connecttest.ErrNotTolerated)
	}
}

func TestSourceNeverHoldsALongLineAsAWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in")
	write(t, path, strings.Repeat("x", 10<<20)+"\nshort\n")
	sc := connecttest.NewSourceContext()
	s := start(t, sc, props(path))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	records := readAll(s)
	runtime.ReadMemStats(&after)
	if got, want := got(records), []string{"short@10485767"}; !slices.Equal(got, want) {
		t.Errorf("records = %q, want %q", got, want)
	}
	if n := len(sc.Rejected()); n != 1 {
		t.Errorf("rejected %d lines, want 1", n)
	}
	// The line up to line.max.bytes may be collected, with room to grow.
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 6<<20 {
		t.Errorf("allocated %d bytes for a line of 10 MiB with line.max.bytes of 1 MiB", grown)
	}
}

func TestSourceKeepsABatchSmall(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in")
	write(t, path, strings.Repeat("a\n", 5))
	s := start(t, connecttest.NewSourceContext(), props(path, "batch.size", "2"))
	if records, _ := s.Poll(); len(records) != 2 {
		t.Errorf("a poll gave %d records, want 2", len(records))
	}
}

func TestSourceErrors(t *testing.T) {
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken.gz")
	write(t, broken, compressed(strings.Repeat("a\n", 100))[:20])
	for name, c := range map[string]struct{ path, want string }{
		"missing":        {filepath.Join(dir, "none"), "open the source file: open " + filepath.Join(dir, "none")},
		"folder":         {dir, dir + " is a folder"},
		"truncated gzip": {broken, "the gzip data is cut off"},
	} {
		t.Run(name, func(t *testing.T) {
			task := (&SourceConnector{}).NewTask()
			err := task.Start(t.Context(), connecttest.NewSourceContext(),
				connecttest.Parse(t, SourcePlugin().Info, props(c.path)))
			if err == nil {
				_, err = task.Poll(t.Context())
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error = %v, want it to hold %q", err, c.want)
			}
			_ = task.Stop()
		})
	}
}

func TestStandardInput(t *testing.T) {
	for kind, encode := range map[string]func(string) string{"plain": strings.Clone, "gzip": compressed} {
		t.Run(kind, func(t *testing.T) {
			r, w := io.Pipe()
			c := &SourceConnector{stdin: r}
			p := props("-", "file.end", "follow")
			if err := c.Start(t.Context(), connecttest.Parse(t, SourcePlugin().Info, p)); err != nil {
				t.Fatal(err)
			}
			sc := connecttest.NewSourceContext()
			sc.Keep(map[string]any{"filename": "-"}, map[string]any{"position": 77}) // of another process
			s := connecttest.StartSource(t, SourcePlugin().Info, sc, c.NewTask(), p)
			go func() {
				_, _ = io.WriteString(w, encode("a\nb\nc"))
				_ = w.Close()
			}()
			records := readAll(s)
			if got, want := got(records), []string{"a@2", "b@4", "c@5"}; !slices.Equal(got, want) {
				t.Errorf("records = %q, want %q", got, want)
			}
			s.Keep(records[:2]...)
			s.Stop()
			sc.NewLife()
			err := c.NewTask().Start(t.Context(), sc, connecttest.Parse(t, SourcePlugin().Info, p))
			if err == nil || !strings.Contains(err.Error(), "cannot be read again") {
				t.Errorf("a task that would lose a line started: %v", err)
			}
			s.Keep(records...)
			sc.NewLife()
			if err := c.NewTask().Start(t.Context(), sc, connecttest.Parse(t, SourcePlugin().Info, p)); err != nil {
				t.Errorf("a task that loses nothing did not start: %v", err)
			}
		})
	}
}

func FuzzLines(f *testing.F) {
	f.Add("a\nb\r\n\r\r\n", 3, uint8(2))
	f.Add(strings.Repeat("x", 40)+"\n", 10, uint8(7))
	f.Fuzz(func(t *testing.T, content string, maxLine int, chunk uint8) {
		maxLine = max(maxLine%64, 1)
		l := lines.New(&chunked{content, int(chunk%16) + 1}, 0, maxLine)
		var rebuilt int64
		for {
			next, err := l.Read()
			if err != nil {
				var ok bool
				if next, ok = l.Rest(); !ok {
					break
				}
			}
			raw := content[next.Begin:next.End]
			want := strings.TrimSuffix(raw, "\n")
			if want != raw {
				want = strings.TrimSuffix(want, "\r")
			}
			if next.Begin != rebuilt || next.TooLong != (len(want) > maxLine) || next.Size != int64(len(want)) {
				t.Fatalf("line %+v of %q, want %q from %d", next, content, want, rebuilt)
			}
			if next.TooLong && !strings.HasPrefix(want, string(next.Text)) || !next.TooLong && string(next.Text) != want {
				t.Fatalf("text %q, want %q", next.Text, want)
			}
			rebuilt = next.End
		}
		if rebuilt != int64(len(content)) {
			t.Fatalf("lines cover %d bytes of %d", rebuilt, len(content))
		}
	})
}

// chunked gives a few bytes at a time.
type chunked struct {
	rest string
	size int
}

func (c *chunked) Read(p []byte) (int, error) {
	if c.rest == "" {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), c.size)], c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

func BenchmarkLines(b *testing.B) {
	content := strings.Repeat(strings.Repeat("x", 474)+"\n", 10_000)
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		l := lines.New(strings.NewReader(content), 0, 1<<20)
		for {
			if _, err := l.Read(); err != nil {
				break
			}
		}
	}
}
