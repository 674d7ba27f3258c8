package httpserve_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"testing"

	"github.com/suiro/suiro/internal/httpserve"
)

func textLogger(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

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
