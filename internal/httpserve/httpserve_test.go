package httpserve_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/suiro/suiro/internal/httpserve"
)

func open(t *testing.T, addr string) *httpserve.Server {
	t.Helper()
	s, err := httpserve.Open("http.listen", addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// run serves in the background; end tells it to stop and returns what Run did.
func run(t *testing.T, s *httpserve.Server, h http.HandlerFunc) (end func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, h) }()
	return func() error { cancel(); return <-done }
}

func get(t *testing.T, s *httpserve.Server) (string, error) {
	t.Helper()
	resp, err := http.Get("http://" + s.Addr())
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

func TestRunAnswersUntilItsContextIsDone(t *testing.T) {
	s := open(t, "127.0.0.1:0")
	end := run(t, s, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") })
	if got, err := get(t, s); err != nil || got != "hello" {
		t.Errorf("GET = %q, %v, want hello", got, err)
	}
	if err := end(); err != nil {
		t.Errorf("Run = %v after its context was done, want nil", err)
	}
	if _, err := get(t, s); err == nil {
		t.Error("GET is answered after Run, want nobody to listen")
	}
}

func TestRequestsThatAreOpenAreAnsweredAtTheEnd(t *testing.T) {
	s := open(t, "127.0.0.1:0")
	asked, answer := make(chan struct{}), make(chan struct{})
	end := run(t, s, func(w http.ResponseWriter, _ *http.Request) {
		close(asked)
		<-answer
		fmt.Fprint(w, "late")
	})
	got := make(chan string, 1)
	go func() { text, err := get(t, s); got <- fmt.Sprint(text, err) }()
	<-asked
	ended := make(chan error, 1)
	go func() { ended <- end() }()
	for conn, err := net.Dial("tcp", s.Addr()); err == nil; conn, err = net.Dial("tcp", s.Addr()) {
		conn.Close() // it still listens
	}
	close(answer)
	if text, want := <-got, "late<nil>"; text != want {
		t.Errorf("the open request got %s, want %s", text, want)
	}
	if err := <-ended; err != nil {
		t.Errorf("Run = %v, want nil", err)
	}
}

func TestAddressesThatAreTakenNameTheKeyAndTheRemedy(t *testing.T) {
	s := open(t, "127.0.0.1:0")
	_, err := httpserve.Open("listeners", s.Addr(), nil)
	for _, want := range []string{"listen on listeners " + s.Addr(), "address already in use", "choose another address"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Open = %v, want an error with %q", err, want)
		}
	}
}

func TestAnAddressWithoutAPortIsToldHowToBeWritten(t *testing.T) {
	_, err := httpserve.Open("http.listen", "8080", nil)
	if want := "listen on http.listen 8080: missing port in address: write host:port"; err == nil ||
		!strings.Contains(err.Error(), want) {
		t.Errorf("Open = %v, want an error with %q", err, want)
	}
}

func TestRunOfAClosedServerSaysSo(t *testing.T) {
	s := open(t, "127.0.0.1:0")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "serve http.listen "+s.Addr()) {
		t.Errorf("Run after Close = %v, want an error that names the key", err)
	}
}
