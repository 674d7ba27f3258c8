package access

import (
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/suiro/suiro/internal/smallfile"
)

// watched is what a file holds. The file is read again when it has changed; while it
// cannot be read or is wrong, what it held before stays, and callers are not locked out.
type watched[T any] struct {
	path  string
	parse func([]byte) (T, error)

	mu      sync.Mutex
	changed time.Time
	size    int64
	value   T
}

// watch reads a file.
func watch[T any](path string, parse func([]byte) (T, error)) (*watched[T], error) {
	w := &watched[T]{path: path, parse: parse}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if err := w.read(info); err != nil {
		return nil, err
	}
	return w, nil
}

// read takes what the file holds, which is described by info.
func (w *watched[T]) read(info os.FileInfo) error {
	w.changed, w.size = info.ModTime(), info.Size()
	text, err := smallfile.ReadRegular(w.path)
	if err != nil {
		return err
	}
	value, err := w.parse(text)
	if err != nil {
		return fmt.Errorf("%s: %w", w.path, err)
	}
	w.value = value
	return nil
}

// get returns what the file holds, or held when it was right.
func (w *watched[T]) get() T {
	w.mu.Lock()
	defer w.mu.Unlock()
	info, err := os.Stat(w.path)
	if err == nil && (info.Size() != w.size || !info.ModTime().Equal(w.changed)) {
		_ = w.read(info)
	}
	return w.value
}
