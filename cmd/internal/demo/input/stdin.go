package input

import (
	"errors"
	"io"
	"os"
)

// Tap sits between the standard input and the file source, which reads os.Stdin,
// and counts the lines that pass through.
type Tap struct {
	lines int64
	err   error
	done  chan struct{} // closed at the end of the input; guards the above
}

// TapStdin replaces os.Stdin, which is safe because nothing else in this process
// reads it.
func TapStdin() (*Tap, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	from := os.Stdin
	os.Stdin = r
	t := &Tap{done: make(chan struct{})}
	go t.run(from, w)
	return t, nil
}

func (t *Tap) run(from io.Reader, to io.WriteCloser) {
	defer close(t.done)
	copied, copy := io.Pipe()
	passed := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.MultiWriter(to, copy), from)
		_ = copy.Close() // never fails
		passed <- errors.Join(err, to.Close())
	}()
	plainText, err := plain(copied)
	if err == nil {
		t.lines, err = countLines(plainText)
	}
	_ = copied.CloseWithError(err) // never fails
	t.err = errors.Join(err, <-passed)
}

// Lines waits for the end of the input and returns the number of lines.
func (t *Tap) Lines() (int64, error) {
	<-t.done
	return t.lines, t.err
}
