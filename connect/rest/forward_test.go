package rest_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/rest"
)

// follower is a herder that cannot answer itself.
type follower struct {
	herder.Herder
	leader func() string
}

func (f follower) err() error { return &herder.NotLeaderError{URL: f.leader()} }

func (f follower) Connectors(context.Context) ([]string, error) { return nil, f.err() }

func (f follower) SetClusterLoggerLevel(context.Context, string, string) error { return f.err() }

func (f follower) Put(context.Context, string, map[string]string, api.InitialState) (api.ConnectorInfo, bool, error) {
	return api.ConnectorInfo{}, false, f.err()
}

func always(leader string) func() string { return func() string { return leader } }

// send sends a request with a JSON body, or without one.
func send(h http.Handler, method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestWhatTheLeaderMustAnswerIsSentOn(t *testing.T) {
	leader := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Location", "http://"+r.Host+"/connectors/a%2Fb")
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, "%s %s %s %s %q", r.Method, r.URL.RequestURI(), body, r.Header.Get("Authorization"), r.Header["Cookie"])
	}))
	defer leader.Close()
	r := httptest.NewRequest(http.MethodPut, "/connectors/a%2Fb/config?x=1", strings.NewReader(`{"a":"b"}`))
	for name, value := range map[string]string{"Content-Type": "application/json", "Authorization": "Basic x", "Cookie": "c"} {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	rest.New(follower{leader: always(leader.URL + "/")}, nil).ServeHTTP(w, r)
	want := `PUT /connectors/a%2Fb/config?forward=true&x=1 {"a":"b"} Basic x []`
	if got := w.Body.String(); got != want {
		t.Errorf("forwarded = %s, want %s", got, want)
	}
	if got, want := w.Header().Get("Location"), "http://example.com/connectors/a%2Fb"; w.Code != 201 || got != want {
		t.Errorf("answer = %d with Location %s, want 201 with %s", w.Code, got, want)
	}
}

// Workers speak HTTPS with each other where the leader does, and each knows whom it trusts.
func TestALeaderIsReachedOverHTTPS(t *testing.T) {
	leader := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "https://"+r.Host+"/connectors/a")
		w.WriteHeader(http.StatusCreated)
	}))
	leader.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	leader.Config.ErrorLog = log.New(io.Discard, "", 0) // the worker that does not trust it
	leader.StartTLS()
	defer leader.Close()
	trusts := &tls.Config{RootCAs: x509.NewCertPool(), Certificates: leader.TLS.Certificates}
	trusts.RootCAs.AddCert(leader.Certificate())
	for name, c := range map[string]struct {
		conf *tls.Config
		code int
		want string
	}{
		"trusted": {trusts, http.StatusCreated, ""}, "not trusted": {nil, http.StatusInternalServerError, "certificate"},
	} {
		follower := httptest.NewTLSServer(rest.New(follower{leader: always(leader.URL)},
			&rest.Options{Client: rest.NewClient(c.conf), Timeout: time.Minute}))
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, follower.URL+"/connectors/a/config", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		answer, err := follower.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		follower.Close()
		if answer.StatusCode != c.code || !strings.Contains(string(body), c.want) ||
			c.code == http.StatusCreated && answer.Header.Get("Location") != follower.URL+"/connectors/a" {
			t.Errorf("%s: %d %s with %v, want %d with %q", name, answer.StatusCode, body, answer.Header, c.code, c.want)
		}
	}
}

// A request passes two workers at most: forward= says how many it has passed.
func TestARequestIsSentOnTwiceAtMost(t *testing.T) {
	leader := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.URL.RawQuery)
	}))
	defer leader.Close()
	h := rest.New(follower{leader: always(leader.URL)}, nil)
	for query, want := range map[string]string{
		"": "forward=true", "?forward=true": "forward=false", "?forward=TRUE": "forward=false",
		"?forward=false": "conflicting operation (e.g. worker rebalance)", "?forward=banana": "conflicting operation",
	} {
		w := send(h, http.MethodGet, "/connectors"+query, "")
		if got := w.Body.String(); !strings.Contains(got, want) {
			t.Errorf("GET /connectors%s = %s, want %s", query, got, want)
		}
	}
}

func TestWithoutALeaderTheClientIsToldToTryAgain(t *testing.T) {
	w := send(rest.New(follower{leader: always("")}, nil), http.MethodGet, "/connectors", "")
	if want := "no known leader URL"; w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), want) {
		t.Errorf("GET /connectors = %d %s, want 409 with %q", w.Code, w.Body, want)
	}
}

// closed is the URL of a port that nobody listens on.
func closed(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return "http://" + l.Addr().String()
}

// A leader that has died, or has not started its API, has not got the request: it is sent
// to the next one.
func TestTheNextLeaderGetsWhatTheLastCouldNotGet(t *testing.T) {
	starting := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html;charset=iso-8859-1")
		w.WriteHeader(http.StatusNotFound)
	}))
	defer starting.Close()
	var got atomic.Int32
	next := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		got.Add(1)
		w.WriteHeader(http.StatusNoContent)
	}))
	defer next.Close()
	leaders := []string{closed(t), starting.URL, next.URL}
	var asked atomic.Int32
	leader := func() string { return leaders[min(int(asked.Add(1)), len(leaders))-1] }
	w := send(rest.New(follower{leader: leader}, nil), http.MethodPut, "/admin/loggers/root?scope=cluster", `{"level":"WARN"}`)
	if w.Code != http.StatusNoContent || got.Load() != 1 {
		t.Errorf("PUT = %d %s, and the last leader got %d requests, want 204 and 1", w.Code, w.Body, got.Load())
	}
}

func TestALeaderThatCannotBeReachedIsNamed(t *testing.T) {
	broken := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer broken.Close()
	for leader, want := range map[string]string{
		closed(t):               "cannot be reached",
		broken.URL:              "has got the request and has not answered",
		"ftp://leader:8083":     "not a URL of HTTP",
		"http://no.invalid:1/x": "rest.advertised.host.name",
	} {
		w := send(rest.New(follower{leader: always(leader)}, &rest.Options{Timeout: 300 * time.Millisecond}),
			http.MethodPut, "/connectors/a/config", `{}`)
		if w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), want) {
			t.Errorf("with the leader %s: %d %s, want 500 with %q", leader, w.Code, w.Body, want)
		}
	}
}

// busy is a herder that does not come to an end.
type busy struct{ herder.Herder }

func (busy) Connectors(ctx context.Context) ([]string, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (busy) Delete(ctx context.Context, _ string) error {
	<-ctx.Done()
	return fmt.Errorf("stop the connector: %w", ctx.Err())
}

func (busy) Stage() (string, time.Time) {
	return "reading to the end of the config topic", time.UnixMilli(1700000000123)
}

func TestARequestThatTakesTooLongSaysWhatTheWorkerDoes(t *testing.T) {
	h := rest.New(busy{}, &rest.Options{Timeout: time.Millisecond})
	for _, r := range [][2]string{{http.MethodGet, "/connectors"}, {http.MethodDelete, "/connectors/a"}} {
		w := send(h, r[0], r[1], "")
		want := `"Request timed out. The worker is currently reading to the end of the config topic, which began at ` +
			`2023-11-14T22:13:20.123Z"`
		if w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s %s = %d %s, want 500 with %s", r[0], r[1], w.Code, w.Body, want)
		}
	}
}

// A client that goes away must not leave a connector half changed.
func TestAChangeGoesOnWhenItsClientIsGone(t *testing.T) {
	ctx, gone := context.WithCancel(t.Context())
	gone()
	changed := make(chan error, 1)
	h := rest.New(changing{changed: changed}, nil)
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodDelete, "/connectors/a", nil))
	if err := <-changed; err != nil {
		t.Errorf("the change got a context that has ended: %v", err)
	}
}

// changing is a herder that says whether it could change something.
type changing struct {
	herder.Herder
	changed chan error
}

func (c changing) Delete(ctx context.Context, _ string) error {
	c.changed <- ctx.Err()
	return nil
}

// led is a leader.
type led struct {
	herder.Herder
	got *string
}

func (l led) check(s herder.Signature) error {
	if string(s.MAC) != "mac of "+string(s.Body) || s.Algorithm != "HmacSHA256" {
		return herder.Errorf(herder.ErrForbidden, "Internal request contained invalid signature.")
	}
	return nil
}

func (l led) PutTasks(_ context.Context, connector string, configs []map[string]string, s herder.Signature) error {
	*l.got = fmt.Sprint(connector, configs)
	return l.check(s)
}

func (l led) Fence(_ context.Context, connector string, s herder.Signature) error {
	*l.got = connector
	return l.check(s)
}

func TestAWorkerAsksItsLeader(t *testing.T) {
	var got string
	leader := httptest.NewServer(rest.New(led{got: &got}, nil))
	defer leader.Close()
	key := "mac of "
	l := rest.NewLeader(nil, func(h http.Header, body []byte) error {
		h.Set("X-Connect-Authorization", base64.StdEncoding.EncodeToString(append([]byte(key), body...)))
		h.Set("X-Connect-Request-Signature-Algorithm", "HmacSHA256")
		return nil
	})
	if err := l.PutTasks(t.Context(), leader.URL+"/", "a/b", []map[string]string{{"x": "1"}, {}}); err != nil ||
		got != "a/b[map[x:1] map[]]" {
		t.Errorf("PutTasks = %v, and the leader got %s", err, got)
	}
	if err := l.Fence(t.Context(), leader.URL, "c"); err != nil || got != "c" {
		t.Errorf("Fence = %v, and the leader got %s", err, got)
	}
	key = "other "
	var said *rest.StatusError
	if err := l.Fence(t.Context(), leader.URL, "c"); !errors.As(err, &said) || said.Code != http.StatusForbidden ||
		said.Message != "Internal request contained invalid signature." {
		t.Errorf("Fence with another key = %v, want the leader's 403", err)
	}
}

func TestOutsidersCannotAskAsWorkersDo(t *testing.T) {
	var got string
	for name, h := range map[string]http.Handler{"leader": rest.New(led{got: &got}, nil), "alone": newAPI(t)} {
		for _, c := range []struct {
			method, path, body, mac string
			code                    int
			want                    string
		}{
			{http.MethodPost, "/connectors/a/tasks", "[]", "", 400, "Internal request missing required signature"},
			{http.MethodPut, "/connectors/a/fence", "", "", 400, "Internal request missing required signature"},
			{http.MethodPut, "/connectors/a/fence", "", "#", 400, "is not base64"},
			{http.MethodPut, "/connectors/a/fence", "", "AAAA", 403, "Internal request contained invalid signature."},
			{http.MethodPost, "/connectors/a/tasks", "[]", "AAAA", 403, "Internal request contained invalid signature."},
		} {
			r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("X-Connect-Request-Signature-Algorithm", "HmacSHA256")
			r.Header.Set("X-Connect-Authorization", c.mac)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != c.code || !strings.Contains(w.Body.String(), c.want) {
				t.Errorf("%s: %s %s with %q = %d %s, want %d with %s", name, c.method, c.path, c.mac, w.Code, w.Body, c.code, c.want)
			}
		}
	}
}
