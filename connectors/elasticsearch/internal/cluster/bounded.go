package cluster

import (
	"fmt"
	"io"
)

// bounded is a body that may have so many bytes and no more.
type bounded struct {
	io.ReadCloser
	left, limit int64
}

// TooLongError says that an answer is longer than any honest one.
type TooLongError struct{ limit int64 }

// Error tells the limit.
func (e *TooLongError) Error() string {
	return fmt.Sprintf("the answer has more than %d bytes, more than Elasticsearch has to say", e.limit)
}

// Read reads up to the limit; what is behind it is an error.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, &TooLongError{b.limit}
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, &TooLongError{b.limit}
	}
	return n, err
}
