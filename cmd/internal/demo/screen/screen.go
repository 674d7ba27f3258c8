// Package screen is what a person sees of a run: lines of text, progress that a
// terminal repaints in place, and warnings.
package screen

import (
	"fmt"
	"io"
	"sync"
)

// Screen writes what a person sees. On a terminal new lines of progress replace
// the last ones, elsewhere they follow one another. It is safe for concurrent
// use.
type Screen struct {
	mu       sync.Mutex // guards all below and the order of output
	w        io.Writer
	terminal bool
	painted  int // lines of progress above the cursor
}

// New returns a screen that writes to w; terminal says that w understands escape
// sequences.
func New(w io.Writer, terminal bool) *Screen { return &Screen{w: w, terminal: terminal} }

// Println writes one line, below the lines of progress.
func (s *Screen) Println(a ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.painted = 0
	fmt.Fprintln(s.w, a...)
}

// Printf writes one line, below the lines of progress.
func (s *Screen) Printf(format string, a ...any) { s.Println(fmt.Sprintf(format, a...)) }

// Above writes a line above the lines of progress. Those are removed; the next
// Paint writes them again.
func (s *Screen) Above(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wipe()
	fmt.Fprintln(s.w, line)
}

// wipe removes the lines of progress. The caller holds mu.
func (s *Screen) wipe() {
	if s.terminal && s.painted > 0 {
		fmt.Fprintf(s.w, "\x1b[%dA\x1b[J", s.painted)
	}
	s.painted = 0
}

// Paint writes lines of progress in place of the last ones.
func (s *Screen) Paint(lines []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wipe()
	for _, l := range lines {
		fmt.Fprintln(s.w, l)
	}
	s.painted = len(lines)
}

// Bold makes text stand out, on a terminal.
func (s *Screen) Bold(text string) string {
	if !s.terminal {
		return text
	}
	return "\x1b[1m" + text + "\x1b[0m"
}
