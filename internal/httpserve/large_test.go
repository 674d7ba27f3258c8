package httpserve_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/suiro/suiro/internal/httpserve"
)

func textLogger(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

// numbers yields n numbers, and then an error if there is one.
func numbers(n int, err error) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for i := range n {
			if !yield(i, nil) {
				return
			}
		}
		if err != nil {
			yield(0, err)
		}
	}
}

func TestStreamArrayWritesJSON(t *testing.T) {
	for _, n := range []int{0, 1, 100_000} {
		w := httptest.NewRecorder()
		if err := httpserve.StreamArray(w, numbers(n, nil)); err != nil {
			t.Fatal(err)
		}
		var got []int
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || len(got) != n || got == nil {
			t.Errorf("an array of %d has %d elements, %v", n, len(got), err)
		}
	}
}

func TestStreamArrayReturnsAnEarlyError(t *testing.T) {
	w := httptest.NewRecorder()
	want := errors.New("no store")
	if err := httpserve.StreamArray(w, numbers(0, want)); !errors.Is(err, want) || w.Body.Len() > 0 {
		t.Errorf("StreamArray = %v with %q written, want %v and nothing", err, w.Body, want)
	}
}

// A client must not take a part for the whole.
func TestStreamArrayCutsTheConnectionAtALateError(t *testing.T) {
	s := opened(t, nil)
	defer run(t, s, func(w http.ResponseWriter, _ *http.Request) {
		_ = httpserve.StreamArray(w, numbers(100_000, errors.New("store closed")))
	})()
	if text, err := get(t, s); err == nil {
		t.Errorf("GET is answered with %d bytes, want an error", len(text))
	}
}

func TestFewLetsSomeRequestsIn(t *testing.T) {
	inside, leave := make(chan struct{}, 10), make(chan struct{})
	s := opened(t, nil)
	defer run(t, s, httpserve.Few(2, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		inside <- struct{}{}
		<-leave
		fmt.Fprint(w, "hello")
	})).ServeHTTP)()
	got := make(chan string, 4)
	for range 4 {
		go func() { text, err := get(t, s); got <- fmt.Sprint(text, err) }()
	}
	<-inside
	<-inside
	select {
	case <-inside:
		t.Error("a third request is inside, want two")
	default:
	}
	close(leave)
	for range 4 {
		if text, want := <-got, "hello<nil>"; text != want {
			t.Errorf("a request got %s, want %s", text, want)
		}
	}
}
