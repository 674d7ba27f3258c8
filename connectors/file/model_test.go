package file

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
)

// rotator writes a log and rotates it as logrotate, rotatelogs and the kubelet
// do. Its methods are the steps of the model.
type rotator struct {
	t      *testing.T
	random *rand.Rand
	path   string // of what is written
	read   string // of what is read: path, or a link to it
	swaps  bool   // each rotated file keeps its name, and the link goes to the next
	dated  bool   // app.log-20260101 instead of app.log.1
	copies bool   // copytruncate
	late   bool   // the writer goes on in the renamed file for a moment
	zips   bool   // compresses what is rotated, one rotation later

	file  *os.File
	days  int
	lines []string // written, in order
	open  string   // begin of a line without its end
	zip   string   // what is being compressed
}

func newRotator(t *testing.T, random *rand.Rand) *rotator {
	w := &rotator{t: t, random: random, path: filepath.Join(t.TempDir(), "app.log")}
	w.read = w.path
	w.dated, w.copies, w.zips = random.IntN(2) == 0, random.IntN(3) == 0, random.IntN(2) == 0
	switch random.IntN(4) {
	case 0:
		w.path = filepath.Join(t.TempDir(), "0.log") // as the kubelet does
		w.link()
	case 1:
		w.swaps, w.copies = true, false
		w.path = w.name()
		w.link()
	}
	w.late = !w.copies && random.IntN(2) == 0
	w.reopen()
	return w
}

// link makes read a link to path.
func (w *rotator) link() {
	w.must(os.Symlink(w.path, w.read+".tmp"))
	w.must(os.Rename(w.read+".tmp", w.read))
}

func (w *rotator) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *rotator) reopen() {
	if w.file != nil {
		w.must(w.file.Close())
	}
	var err error
	w.file, err = os.OpenFile(w.path, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
	w.must(err)
}

// append writes some lines, and perhaps the beginning of another.
func (w *rotator) append() {
	var text strings.Builder
	for range w.random.IntN(6) {
		line := fmt.Sprintf("%d-%s", len(w.lines), strings.Repeat("x", w.random.IntN(300)))
		rest := strings.TrimPrefix(line, w.open)
		if !strings.HasPrefix(line, w.open) {
			line, rest = w.open+line, line
		}
		text.WriteString(rest + []string{"\n", "\r\n"}[w.random.IntN(2)])
		w.lines, w.open = append(w.lines, line), ""
	}
	if w.random.IntN(4) == 0 {
		text.WriteString("part")
		w.open += "part"
	}
	_, err := w.file.WriteString(text.String())
	w.must(err)
}

// closeLine makes a line of what has no end: the file is rotated.
func (w *rotator) closeLine() {
	if w.open != "" {
		w.lines, w.open = append(w.lines, w.open), ""
	}
}

func (w *rotator) rotate() {
	w.compressed()
	name := w.name()
	switch {
	case w.copies:
		text, err := os.ReadFile(w.path)
		w.must(err)
		w.must(os.WriteFile(name, text, 0o600))
		w.must(os.Truncate(w.path, 0))
		w.closeLine()
	case w.swaps:
		next := name
		name, w.path = w.path, next
		w.must(os.WriteFile(next, nil, 0o600))
		w.link()
		w.change()
	default:
		w.must(os.Rename(w.path, name))
		w.change()
	}
	if w.zips {
		w.zip = name
		w.compressing()
	}
}

// end writes what makes a line of whatever is open.
func (w *rotator) end() {
	_, err := w.file.WriteString("end\n")
	w.must(err)
	w.lines, w.open = append(w.lines, w.open+"end"), ""
}

// change goes on in the next file.
func (w *rotator) change() {
	if w.late {
		w.append()
	}
	w.closeLine()
	w.reopen()
}

// name makes room for the next rotated file and returns its name.
func (w *rotator) name() string {
	w.days++
	if w.swaps {
		return fmt.Sprintf("%s.%d", w.read, 20260100+w.days)
	}
	if w.dated {
		return fmt.Sprintf("%s-%d", w.path, 20260100+w.days)
	}
	for n := w.days; n > 0; n-- {
		for _, ending := range []string{"", ".gz"} {
			err := os.Rename(fmt.Sprintf("%s.%d%s", w.path, n, ending), fmt.Sprintf("%s.%d%s", w.path, n+1, ending))
			if err != nil && !os.IsNotExist(err) {
				w.t.Fatal(err)
			}
		}
	}
	return w.path + ".1"
}

// compressing writes half of the compressed file beside the plain one.
func (w *rotator) compressing() {
	text, err := os.ReadFile(w.zip)
	w.must(err)
	z := compressed(string(text))
	w.must(os.WriteFile(w.zip+".gz", []byte(z[:len(z)/2]), 0o600))
}

// compressed ends what compressing began; the time of the last writing is kept.
func (w *rotator) compressed() {
	if w.zip == "" {
		return
	}
	text, err := os.ReadFile(w.zip)
	w.must(err)
	info, err := os.Stat(w.zip)
	w.must(err)
	w.must(os.WriteFile(w.zip+".gz", []byte(compressed(string(text))), 0o600))
	w.must(os.Chtimes(w.zip+".gz", info.ModTime(), info.ModTime()))
	w.must(os.Remove(w.zip))
	w.zip = ""
}

// reading is a task and what came of it.
type reading struct {
	t       *testing.T
	random  *rand.Rand
	sc      *connecttest.SourceContext
	props   map[string]string
	source  *connecttest.Source
	records []*connect.SourceRecord
	kept    int
}

func (r *reading) start() { r.source = start(r.t, r.sc, r.props) }

func (r *reading) poll() {
	ctx, cancel := context.WithTimeout(r.t.Context(), 3*time.Millisecond)
	defer cancel()
	records, err := r.source.Task.Poll(ctx)
	if err != nil {
		r.t.Fatal(err)
	}
	r.records = append(r.records, records...)
}

// restart stops the task after some of what it read was kept, and starts another.
func (r *reading) restart() {
	if n := r.kept + r.random.IntN(len(r.records)-r.kept+1); n > r.kept {
		r.source.Keep(r.records[n-1])
		r.kept = n
	}
	r.records = r.records[:r.kept]
	r.source.Stop()
	r.start()
}

// drain polls until nothing has come for a while.
func (r *reading) drain() {
	for idle := 0; idle < 20; idle++ {
		n := len(r.records)
		if r.poll(); len(r.records) > n {
			idle = 0
		}
	}
}

func (r *reading) texts() (out []string) {
	for _, record := range r.records {
		out = append(out, string(record.Value.Bytes()))
	}
	return out
}

func TestEveryLineComesOnceHoweverFilesAreRotated(t *testing.T) {
	for range 25 {
		seed := rand.Uint64()
		if !t.Run(fmt.Sprint(seed), func(t *testing.T) { rotateAndRead(t, seed) }) {
			return
		}
	}
}

func rotateAndRead(t *testing.T, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 0))
	w := newRotator(t, random)
	r := &reading{t: t, random: random, sc: connecttest.NewSourceContext(),
		props: props(w.read, "file.end", "follow", "batch.size", "7")}
	w.append()
	w.end()
	r.start()
	for len(r.records) == 0 {
		r.poll()
	}
	r.source.Keep(r.records[0]) // without a kept offset older files are not read
	r.kept = 1
	var steps []string
	for range 40 {
		switch n := random.IntN(10); {
		case n < 4:
			w.append()
			steps = append(steps, fmt.Sprint("append to ", len(w.lines)))
		case n < 6:
			w.rotate()
			steps = append(steps, "rotate")
		case n < 9:
			r.poll()
			steps = append(steps, fmt.Sprint("poll to ", len(r.records)))
		default:
			r.restart()
			steps = append(steps, fmt.Sprint("restart at ", len(r.records)))
		}
	}
	w.end()
	r.drain()
	if got := r.texts(); !slices.Equal(got, w.lines) {
		t.Errorf("path %s, swaps %v, dated %v, copies %v, late %v, zips %v\nsteps %s\n%s", w.path, w.swaps, w.dated, w.copies,
			w.late, w.zips, strings.Join(steps, ", "), firstDifference(got, w.lines))
	}
	if lost := metric(t, r.source, "file_source_lost_files_total"); lost != 0 {
		t.Errorf("lost files = %v, want 0", lost)
	}
}

// firstDifference names the first line that is not as it should be.
func firstDifference(got, want []string) string {
	i := 0
	for i < min(len(got), len(want)) && got[i] == want[i] {
		i++
	}
	next := func(list []string) string { return fmt.Sprintf("%.40q", list[i:min(i+3, len(list))]) }
	return fmt.Sprintf("line %d of %d, want %d: %s, want %s", i, len(got), len(want), next(got), next(want))
}

// TestEveryLineComesOnceWhileFilesAreRotated reads while another goroutine
// writes and renames.
func TestEveryLineComesOnceWhileFilesAreRotated(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	w := newRotator(t, random)
	w.zips, w.copies, w.late = false, false, false
	w.end()
	r := &reading{t: t, random: rand.New(rand.NewPCG(seed, 1)), sc: connecttest.NewSourceContext(),
		props: props(w.read, "file.end", "follow")}
	r.start()
	for len(r.records) == 0 {
		r.poll()
	}
	r.source.Keep(r.records[0])
	r.kept = 1
	written := make(chan struct{})
	go func() {
		defer close(written)
		for range 1000 {
			if w.append(); random.IntN(20) == 0 {
				w.rotate()
			}
		}
		w.end()
	}()
	for running := true; running; {
		select {
		case <-written:
			running = false
		default:
			if r.poll(); r.random.IntN(20) == 0 {
				r.restart()
			}
		}
	}
	r.drain()
	if got := r.texts(); !slices.Equal(got, w.lines) {
		t.Errorf("path %s, swaps %v, dated %v\n%s", w.path, w.swaps, w.dated, firstDifference(got, w.lines))
	}
}
