package httpserve

import (
	"bufio"
	"encoding/json"
	"iter"
	"net/http"
	"time"
)

// StreamArray answers 200 with a JSON array of the elements, one by one, so that an
// answer of any length needs the memory of one element. An error that comes before
// the first element is returned, and nothing has been written then; a later one, or a
// client that goes away, ends the connection, so that nobody takes a part for the
// whole. The elements are asked for on the calling goroutine, while a slow client may
// delay the next one for half a minute: what they are read from must bear that.
func StreamArray[T any](w http.ResponseWriter, elements iter.Seq2[T, error]) error {
	a := array{http: w}
	for element, err := range elements {
		switch {
		case err != nil && a.buffer == nil:
			return err
		case err != nil:
			panic(http.ErrAbortHandler) // the only way to tell the client that the answer is cut off
		}
		a.write(element)
	}
	a.end()
	return nil
}

// array is an array of which a part is written.
type array struct {
	http   http.ResponseWriter
	buffer *bufio.Writer // nil before the first byte
}

func (a *array) write(element any) {
	text, err := json.Marshal(element)
	separator := ",\n"
	if a.buffer == nil {
		a.begin()
		separator = "["
	}
	if err == nil {
		_, _ = a.buffer.WriteString(separator) // the error stays in the buffer
		_, err = a.buffer.Write(text)
	}
	if err != nil {
		panic(http.ErrAbortHandler)
	}
}

func (a *array) begin() {
	a.http.Header().Set("Content-Type", "application/json")
	a.buffer = bufio.NewWriterSize(a.http, writeChunk)
}

func (a *array) end() {
	closing := "]\n"
	if a.buffer == nil {
		a.begin()
		closing = "[]\n"
	}
	_, _ = a.buffer.WriteString(closing)
	_ = a.buffer.Flush() // the client may be gone
}

const (
	// fewWait is how long a request waits for its turn.
	fewWait = 10 * time.Second
	// fewAnswer is how long an answer may take, the reading of it included.
	fewAnswer = time.Minute
)

// Few returns a handler that lets n requests at a time reach next, for answers that
// need much memory or time. The others wait for their turn for ten seconds and are
// then answered with 503. An answer must have been made and taken within a minute, so
// that clients that read slowly do not keep the places.
func Few(n int, next http.Handler) http.Handler {
	places := make(chan struct{}, n)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		turn := time.NewTimer(fewWait)
		defer turn.Stop()
		select {
		case places <- struct{}{}:
			defer func() { <-places }()
		case <-r.Context().Done():
			return
		case <-turn.C:
			w.Header().Set("Retry-After", "10")
			writeError(w, http.StatusServiceUnavailable, "too many requests of this kind at once: try again later")
			return
		}
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(fewAnswer)) // a test's writer has none
		next.ServeHTTP(w, r)
	})
}
