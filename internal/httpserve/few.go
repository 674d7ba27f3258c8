package httpserve

import (
	"net/http"
	"time"
)

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
