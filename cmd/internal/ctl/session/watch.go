package session

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/connect/cli"
	"github.com/suiro/suiro/internal/flags"
)

// clearScreen moves to the first line of a terminal and clears it.
const clearScreen = "\x1b[H\x1b[2J"

// Watch prints something again and again.
type Watch struct {
	// On is whether it is printed more than once. The flag --watch sets it.
	On bool
	// Count is how often it is printed then; 0 is until the context ends.
	Count int

	interval time.Duration
}

// Define adds the flags --watch and --interval.
func (w *Watch) Define(c *cobra.Command) {
	c.Flags().BoolVarP(&w.On, "watch", "w", false, "Print it again when it has changed, until Ctrl-C")
	w.DefineInterval(c)
}

// DefineInterval adds the flag --interval alone.
func (w *Watch) DefineInterval(c *cobra.Command) {
	c.Flags().DurationVar(&w.interval, "interval", 2*time.Second, "How long to wait before it is read again")
}

// Run prints what read writes, once or until the context ends. On a terminal the new
// text takes the place of the old, elsewhere it follows when it is another. An error ends
// it only the first time: a worker that restarts comes back.
func (w *Watch) Run(c *cobra.Command, read func(io.Writer) error) error {
	if !w.On {
		return read(c.OutOrStdout())
	}
	if w.interval < 10*time.Millisecond {
		return cli.UsageError{Err: fmt.Errorf("--interval %v: must be at least 10ms", w.interval)}
	}
	ticker := time.NewTicker(w.interval)
	defer ticker.Stop()
	var last []byte
	for n := 1; ; n++ {
		var text bytes.Buffer
		err := read(&text)
		switch {
		case c.Context().Err() != nil:
			return nil
		case err != nil && n == 1:
			return err
		case err != nil:
			fmt.Fprintf(&text, "%s: %s\n", c.Root().Name(), flags.Printable(err.Error()))
		}
		if err := show(c.OutOrStdout(), text.Bytes(), last); err != nil {
			return err
		}
		if last = text.Bytes(); n == w.Count {
			return nil
		}
		select {
		case <-ticker.C:
		case <-c.Context().Done():
			return nil
		}
	}
}

// show writes a text that comes after another.
func show(w io.Writer, text, last []byte) error {
	if bytes.Equal(text, last) {
		return nil
	}
	if isTerminal(w) {
		text = append([]byte(clearScreen), text...)
	}
	_, err := w.Write(text)
	return err
}

// isTerminal reports whether w is a terminal that understands escape sequences.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
