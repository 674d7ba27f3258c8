package trial

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/suiro/suiro/cmd/internal/attack/kinds"
)

// journal keeps what was done when, so that the attack that hurt can be found. It is safe
// for concurrent use.
type journal struct {
	file  *os.File
	out   io.Writer
	began time.Time

	mu    sync.Mutex // guards noted
	noted string
}

func newJournal(path string, out io.Writer) (*journal, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	return &journal{file: f, out: out, began: time.Now(), noted: "before the first attack"}, nil
}

// note writes a line to the file alone.
func (j *journal) note(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.noted = "during or after " + text
	fmt.Fprintf(j.file, "%s %s\n", time.Now().UTC().Format("15:04:05.000"), text)
}

// say writes a line to the file and to the output.
func (j *journal) say(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	j.mu.Lock()
	defer j.mu.Unlock()
	fmt.Fprintf(j.file, "%s %s\n", time.Now().UTC().Format("15:04:05.000"), text)
	fmt.Fprintf(j.out, "%7.1fs %s\n", time.Since(j.began).Seconds(), text)
}

// last is what was noted last: the attack that has begun.
func (j *journal) last() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.noted
}

func (j *journal) close() error { return j.file.Close() }

// chosen are the kinds of these names, or all.
func chosen(only []string) ([]kinds.Kind, error) {
	all := kinds.All()
	if len(only) == 0 {
		return all, nil
	}
	var out []kinds.Kind
	for _, name := range only {
		i := slices.IndexFunc(all, func(k kinds.Kind) bool { return k.Name == name })
		if i < 0 {
			var names []string
			for _, k := range all {
				names = append(names, k.Name)
			}
			return nil, fmt.Errorf("there is no attack %q, but %s", name, strings.Join(names, ", "))
		}
		out = append(out, all[i])
	}
	return out, nil
}
