package httpserve_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/suiro/suiro/internal/httpserve"
)

// pipes is a listener whose connections have no buffers and live in the time of a
// test.
type pipes struct {
	incoming chan net.Conn
	errs     chan error
	closed   chan struct{}
	once     sync.Once // of closing
}

func newPipes() *pipes {
	return &pipes{incoming: make(chan net.Conn), errs: make(chan error), closed: make(chan struct{})}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.incoming:
		return c, nil
	case err := <-p.errs:
		return nil, err
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8083} }

// dial returns a client's end.
func (p *pipes) dial() net.Conn {
	client, server := net.Pipe()
	p.incoming <- server
	return client
}

// slowly runs a test in its own time, with a server whose handler reads the body and
// answers with a MiB.
func slowly(t *testing.T, test func(t *testing.T, p *pipes)) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			done <- httpserve.Over(p, nil).Run(ctx, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if _, err := io.Copy(io.Discard, r.Body); err != nil {
					http.Error(w, err.Error(), http.StatusRequestTimeout)
					return
				}
				fmt.Fprint(w, strings.Repeat("x", 1<<20))
			}))
		}()
		test(t, p)
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run = %v", err)
		}
	})
}

// ends fails the test unless the server closes the connection at a time from now.
func ends(t *testing.T, c net.Conn, want time.Duration) {
	t.Helper()
	began := time.Now()
	_, _ = io.Copy(io.Discard, c)
	if got := time.Since(began).Round(time.Second); got != want {
		t.Errorf("the connection ends after %v, want %v", got, want)
	}
}

func TestAClientThatSendsNoHeaderIsClosed(t *testing.T) {
	slowly(t, func(t *testing.T, p *pipes) {
		c := p.dial()
		sent := trickle(c, "GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: "+strings.Repeat("a", 1000))
		ends(t, c, 10*time.Second)
		<-sent
	})
}

// trickle sends a byte a second, until the server has enough of it.
func trickle(c net.Conn, text string) (sent chan struct{}) {
	sent = make(chan struct{})
	go func() {
		defer close(sent)
		for i := range len(text) {
			if _, err := io.WriteString(c, text[i:i+1]); err != nil {
				return
			}
			<-time.After(time.Second)
		}
	}()
	return sent
}

func TestAConnectionWithoutRequestsIsClosed(t *testing.T) {
	slowly(t, func(t *testing.T, p *pipes) {
		c := p.dial()
		fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, resp.Body); n != 1<<20 || err != nil {
			t.Fatalf("the answer has %d bytes, %v", n, err)
		}
		ends(t, c, 2*time.Minute)
	})
}

func TestABodyThatDoesNotComeIsClosed(t *testing.T) {
	slowly(t, func(t *testing.T, p *pipes) {
		c := p.dial()
		fmt.Fprint(c, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n")
		sent := trickle(c, strings.Repeat("a", 999))
		ends(t, c, time.Minute)
		<-sent
	})
}

// An answer that takes longer than a body may take is not cut off.
func TestATimeOutOfTheBodyDoesNotEndTheHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			done <- httpserve.Over(p, nil).Run(ctx, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				select {
				case <-r.Context().Done():
				case <-time.After(90 * time.Second):
					fmt.Fprint(w, "at last")
				}
			}))
		}()
		c := p.dial()
		fmt.Fprint(c, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\na")
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := io.ReadAll(resp.Body); string(got) != "at last" {
			t.Errorf("the answer is %q, want at last", got)
		}
		c.Close()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run = %v", err)
		}
	})
}

func TestAClientThatDoesNotTakeItsAnswerIsClosed(t *testing.T) {
	slowly(t, func(t *testing.T, p *pipes) {
		c := p.dial()
		fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
		<-time.After(31 * time.Second) // it takes nothing
		if n, _ := io.Copy(io.Discard, c); n >= 1<<20 {
			t.Errorf("the client still gets %d bytes", n)
		}
	})
}

// A client that takes a little of its answer now and then is closed as well.
func TestAClientThatTakesItsAnswerSlowlyIsClosed(t *testing.T) {
	slowly(t, func(t *testing.T, p *pipes) {
		c := p.dial()
		fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
		began := time.Now()
		for {
			if _, err := io.CopyN(io.Discard, c, 4000); err != nil {
				break
			}
			<-time.After(time.Second)
		}
		if got, want := time.Since(began).Round(10*time.Second), 2*time.Minute; got != want {
			t.Errorf("the connection ends after %v, want %v", got, want)
		}
	})
}

// A system that is out of files, or whose network reports an error, is waited out.
func TestAnErrorOfAcceptDoesNotEndTheServer(t *testing.T) {
	slowly(t, func(t *testing.T, p *pipes) {
		for _, err := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.EPERM, syscall.ECONNABORTED} {
			for range 10 {
				p.errs <- &net.OpError{Op: "accept", Net: "tcp", Err: err}
			}
		}
		c := p.dial()
		fmt.Fprint(c, "GET / HTTP/1.0\r\n\r\n")
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("GET after errors of accept = %v, %v", resp, err)
		}
		c.Close()
	})
}

// Connections that send nothing, half a header or half a body, and those that take no
// answer, do not keep others out.
func TestConnectionsThatWaitMakeRoomForNewOnes(t *testing.T) {
	for name, start := range map[string]string{
		"idle": "", "slow header": "GET / HTTP/1.1\r\nHo", "slow body": "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\na",
		"slow reader": "GET /long HTTP/1.1\r\nHost: localhost\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			s := opened(t, &httpserve.Options{MaxConnections: 8})
			end := run(t, s, func(w http.ResponseWriter, r *http.Request) {
				if _, err := io.Copy(io.Discard, r.Body); err != nil {
					return
				}
				for size := 0; r.URL.Path == "/long" && size < 1<<30; size += 1 << 20 {
					if _, err := w.Write(make([]byte, 1<<20)); err != nil {
						return
					}
				}
				fmt.Fprint(w, "hello")
			})
			var clients []net.Conn
			for range 100 {
				c, err := net.Dial("tcp", s.Addr())
				if err != nil {
					t.Fatal(err)
				}
				clients = append(clients, c)
				fmt.Fprint(c, start)
			}
			getUntil(t, s, "hello")
			for _, c := range clients {
				c.Close()
			}
			if err := end(); err != nil {
				t.Errorf("Run = %v", err)
			}
		})
	}
}

// getUntil asks until there is an answer: a handler may still be on its way to wait
// for its client.
func getUntil(t *testing.T, s *httpserve.Server, want string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; <-time.After(5 * time.Millisecond) {
		got, err := get(t, s)
		if err == nil && got == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("GET = %q, %v for a minute, want %s", got, err, want)
		}
	}
}

// A connection whose request is being worked for is not closed for another one.
func TestRequestsThatAreWorkedForKeepTheirConnections(t *testing.T) {
	s := opened(t, &httpserve.Options{MaxConnections: 2})
	asked, answer := make(chan struct{}, 2), make(chan struct{})
	var inside atomic.Int32
	end := run(t, s, func(w http.ResponseWriter, _ *http.Request) {
		inside.Add(1)
		asked <- struct{}{}
		<-answer
		fmt.Fprint(w, "worked")
	})
	got := make(chan string, 2)
	for range 2 {
		go func() { text, err := get(t, s); got <- fmt.Sprint(text, err) }()
		<-asked
	}
	resp, err := http.Get("http://" + s.Addr())
	if err != nil || resp.StatusCode != http.StatusServiceUnavailable {
		t.Fatalf("the third request gets %v, %v, want 503", resp, err)
	}
	resp.Body.Close()
	close(answer)
	for range 2 {
		if text, want := <-got, "worked<nil>"; text != want {
			t.Errorf("a request that was worked for got %s, want %s", text, want)
		}
	}
	if err := end(); err != nil {
		t.Errorf("Run = %v", err)
	}
	if n := inside.Load(); n != 2 {
		t.Errorf("%d handlers ran, want 2", n)
	}
}

// Clients that never send anything do not delay the end.
func TestSilentConnectionsDoNotDelayTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- httpserve.Over(p, nil).Run(ctx, http.NotFoundHandler()) }()
		p.dial()
		synctest.Wait()
		began := time.Now()
		cancel()
		if err := <-done; err != nil || time.Since(began) > time.Second {
			t.Errorf("Run ends with %v after %v, want at once", err, time.Since(began))
		}
	})
}

// opened is open with options.
func opened(t *testing.T, o *httpserve.Options) *httpserve.Server {
	t.Helper()
	s, err := httpserve.Open("http.listen", "127.0.0.1:0", o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
