package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/client"
	"github.com/suiro/suiro/connect/herder/api"
)

// answer is what a fake worker answers to one request.
type answer struct {
	status int
	kind   string // Content-Type, JSON when empty
	body   string
}

// worker is a fake worker: what it answers in turn, the last one again and again, and
// what it was asked.
type worker struct {
	*httptest.Server
	answers []answer
	asked   []string
	bodies  []string
	logins  []string
}

func startWorker(t *testing.T, answers ...answer) *worker {
	t.Helper()
	w := &worker{answers: answers}
	w.Server = httptest.NewServer(http.HandlerFunc(w.answer))
	t.Cleanup(w.Close)
	return w
}

func (w *worker) answer(res http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.asked = append(w.asked, r.Method+" "+r.URL.RequestURI())
	w.bodies = append(w.bodies, strings.TrimSpace(string(body)))
	w.logins = append(w.logins, r.Header.Get("Authorization"))
	a := w.answers[0]
	if len(w.answers) > 1 {
		w.answers = w.answers[1:]
	}
	if a.kind == "" {
		a.kind = "application/json"
	}
	res.Header().Set("Content-Type", a.kind)
	res.WriteHeader(a.status)
	_, _ = io.WriteString(res, a.body)
}

func newClient(t *testing.T, o *client.Options, addresses ...string) *client.Client {
	t.Helper()
	c, err := client.New(addresses, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Each method sends the request that Kafka Connect's API has for it.
func TestRequests(t *testing.T) {
	two := "2"
	for want, call := range map[string]func(context.Context, *client.Client) error{
		"GET /connectors": func(ctx context.Context, c *client.Client) error { _, err := c.Connectors(ctx); return err },
		"GET /connectors?expand=status&expand=info": func(ctx context.Context, c *client.Client) error {
			_, err := c.Expanded(ctx)
			return err
		},
		"GET /connectors?expand=status": func(ctx context.Context, c *client.Client) error {
			_, err := c.Expanded(ctx, "status")
			return err
		},
		`POST /connectors {"name":"a","config":{"k":"v"},"initial_state":"PAUSED"}`: func(ctx context.Context, c *client.Client) error {
			_, err := c.Create(ctx, api.CreateConnectorRequest{Name: "a", Config: api.Config{"k": "v"}, InitialState: api.InitialPaused})
			return err
		},
		"GET /connectors/a%2Fb%20c": func(ctx context.Context, c *client.Client) error { _, err := c.Connector(ctx, "a/b c"); return err },
		"DELETE /connectors/%2E%2E": func(ctx context.Context, c *client.Client) error { return c.Delete(ctx, "..") },
		"GET /connectors/a/config":  func(ctx context.Context, c *client.Client) error { _, err := c.Config(ctx, "a"); return err },
		`PUT /connectors/a/config {"k":"<&>"}`: func(ctx context.Context, c *client.Client) error {
			_, _, err := c.Put(ctx, "a", map[string]string{"k": "<&>"})
			return err
		},
		`PATCH /connectors/a/config {"k":"2","l":null}`: func(ctx context.Context, c *client.Client) error {
			_, err := c.Patch(ctx, "a", map[string]*string{"k": &two, "l": nil})
			return err
		},
		"GET /connectors/a/status": func(ctx context.Context, c *client.Client) error { _, err := c.Status(ctx, "a"); return err },
		"GET /connectors/a/tasks": func(ctx context.Context, c *client.Client) error {
			_, err := c.Tasks(ctx, "a")
			if err != nil && strings.Contains(err.Error(), "is not what Kafka Connect answers") {
				return nil // the fake answers an object
			}
			return err
		},
		"GET /connectors/a/tasks/7/status": func(ctx context.Context, c *client.Client) error {
			_, err := c.TaskStatus(ctx, api.TaskID{Connector: "a", Task: 7})
			return err
		},
		"PUT /connectors/a/pause":  func(ctx context.Context, c *client.Client) error { return c.Pause(ctx, "a") },
		"PUT /connectors/a/resume": func(ctx context.Context, c *client.Client) error { return c.Resume(ctx, "a") },
		"PUT /connectors/a/stop":   func(ctx context.Context, c *client.Client) error { return c.Stop(ctx, "a") },
		"POST /connectors/a/restart?includeTasks=true&onlyFailed=false": func(ctx context.Context, c *client.Client) error {
			_, err := c.Restart(ctx, "a", true, false)
			return err
		},
		"POST /connectors/a/tasks/0/restart": func(ctx context.Context, c *client.Client) error {
			return c.RestartTask(ctx, api.TaskID{Connector: "a"})
		},
		"GET /connectors/a/offsets": func(ctx context.Context, c *client.Client) error { _, err := c.Offsets(ctx, "a"); return err },
		`PATCH /connectors/a/offsets {"offsets":[{"partition":{"file":"f"},"offset":null}]}`: func(ctx context.Context, c *client.Client) error {
			_, err := c.AlterOffsets(ctx, "a", api.ConnectorOffsets{Offsets: []api.ConnectorOffset{{Partition: map[string]any{"file": "f"}}}})
			return err
		},
		"DELETE /connectors/a/offsets":   func(ctx context.Context, c *client.Client) error { _, err := c.ResetOffsets(ctx, "a"); return err },
		"GET /connectors/a/topics":       func(ctx context.Context, c *client.Client) error { _, err := c.Topics(ctx, "a"); return err },
		"PUT /connectors/a/topics/reset": func(ctx context.Context, c *client.Client) error { return c.ResetTopics(ctx, "a") },
		"GET /":                          func(ctx context.Context, c *client.Client) error { _, err := c.Server(ctx); return err },
		"GET /health":                    func(ctx context.Context, c *client.Client) error { _, err := c.Health(ctx); return err },
		"GET /ready":                     func(ctx context.Context, c *client.Client) error { _, err := c.Ready(ctx); return err },
		"GET /connector-plugins/F/config?version=1.0": func(ctx context.Context, c *client.Client) error {
			_, err := c.PluginKeys(ctx, "F", "1.0")
			if err != nil && strings.Contains(err.Error(), "is not what Kafka Connect answers") {
				return nil
			}
			return err
		},
		`PUT /connector-plugins/FileSource/config/validate {"connector.class":"org.apache.FileSource"}`: func(ctx context.Context, c *client.Client) error {
			_, err := c.Validate(ctx, map[string]string{"connector.class": "org.apache.FileSource"})
			return err
		},
		"GET /admin/loggers":      func(ctx context.Context, c *client.Client) error { _, err := c.Loggers(ctx); return err },
		"GET /admin/loggers/root": func(ctx context.Context, c *client.Client) error { _, err := c.Logger(ctx, "root"); return err },
		`PUT /admin/loggers/root?scope=cluster {"level":"DEBUG"}`: func(ctx context.Context, c *client.Client) error {
			_, err := c.SetLogger(ctx, "root", "DEBUG", true)
			if err != nil && strings.Contains(err.Error(), "is not what Kafka Connect answers") {
				return nil
			}
			return err
		},
	} {
		body := "{}"
		if want == "GET /connectors" {
			body = "[]"
		}
		w := startWorker(t, answer{status: 200, body: body})
		if err := call(t.Context(), newClient(t, nil, w.URL)); err != nil {
			t.Errorf("%s: %v", want, err)
		}
		if got := strings.TrimSpace(w.asked[0] + " " + w.bodies[0]); got != want {
			t.Errorf("asked %s, want %s", got, want)
		}
	}
}

// A refusal is one of the kinds, with the worker's message; only what passes by itself
// is tried again.
func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		answer answer
		kind   error
		want   string
		again  bool
	}{
		"unknown":  {answer{404, "", `{"error_code":404,"message":"Connector a not found"}`}, client.ErrNotFound, "Connector a not found (HTTP status 404)", false},
		"no path":  {answer{404, "", `{"error_code":404,"message":"HTTP 404 Not Found"}`}, client.ErrUnsupported, "the worker does not have this request", false},
		"too old":  {answer{405, "", `{"error_code":405,"message":"HTTP 405 Method Not Allowed"}`}, client.ErrUnsupported, "(HTTP status 405)", false},
		"exists":   {answer{409, "", `{"error_code":409,"message":"Connector a already exists"}`}, client.ErrExists, "already exists", false},
		"invalid":  {answer{400, "", `{"error_code":400,"message":"Connector config {} contains no connector type"}`}, client.ErrInvalid, "no connector type", false},
		"broken":   {answer{500, "", `{"error_code":500,"message":null}`}, nil, "Internal Server Error (HTTP status 500)", false},
		"login":    {answer{401, "text/plain", "no"}, client.ErrDenied, "wants a login, a user and password or a token", false},
		"forbids":  {answer{403, "", `{"error_code":403,"message":"Topic tracking is disabled."}`}, client.ErrDenied, "Topic tracking is disabled.", false},
		"moved":    {answer{302, "", ""}, nil, "the server sends the request elsewhere", false},
		"balances": {answer{409, "", `{"error_code":409,"message":"Cannot complete request because of a conflicting operation (e.g. worker rebalance)"}`}, client.ErrRebalance, "worker rebalance", true},
		"starts":   {answer{503, "", `{"error_code":503,"message":"starting"}`}, client.ErrUnavailable, "starting", true},
		"too soon": {answer{404, "text/html;charset=iso-8859-1", "<html>"}, client.ErrUnavailable, "Not Found", true},
	} {
		t.Run(name, func(t *testing.T) {
			w := startWorker(t, c.answer)
			_, err := newClient(t, &client.Options{RetryFor: -1}, w.URL).Status(t.Context(), "a")
			var refused *client.Error
			if !errors.As(err, &refused) || refused.Status != c.answer.status || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want status %d and %q", err, c.answer.status, c.want)
			}
			if c.kind != nil && !errors.Is(err, c.kind) {
				t.Errorf("error %v is not %v", err, c.kind)
			}
			w = startWorker(t, c.answer, answer{200, "", `{"name":"a"}`})
			tries := 0
			status, err := newClient(t, &client.Options{OnRetry: func(error) { tries++ }}, w.URL).Status(t.Context(), "a")
			if got := err == nil && status.Name == "a" && tries == 1; got != c.again {
				t.Errorf("tried again: %v after %d, %v, want %v", got, tries, err, c.again)
			}
		})
	}
}

func TestRetriesEndInTime(t *testing.T) {
	w := startWorker(t, answer{409, "", `{"error_code":409,"message":"rebalance"}`})
	_, err := newClient(t, &client.Options{RetryFor: time.Millisecond}, w.URL).Status(t.Context(), "a")
	if !errors.Is(err, client.ErrRebalance) {
		t.Errorf("error %v, want a rebalance", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err = newClient(t, &client.Options{OnRetry: func(error) { cancel() }}, w.URL).Status(ctx, "a")
	if !errors.Is(err, client.ErrRebalance) {
		t.Errorf("error %v after the context ended, want a rebalance", err)
	}
}

// The next address is asked where the request cannot have arrived, or may arrive twice.
func TestAnAddressThatIsAwayMakesRoomForTheNext(t *testing.T) {
	gone := startWorker(t)
	gone.Close()
	breaks := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	t.Cleanup(breaks.Close)
	for _, c := range []struct {
		first, call string
		want        bool
	}{{gone.URL, "pause", true}, {gone.URL, "create", true}, {breaks.URL, "pause", true}, {breaks.URL, "create", false}} {
		w := startWorker(t, answer{200, "", `{}`})
		cl := newClient(t, nil, c.first, w.URL)
		err := cl.Pause(t.Context(), "a")
		if c.call == "create" {
			cl = newClient(t, nil, c.first, w.URL)
			_, err = cl.Create(t.Context(), api.CreateConnectorRequest{Name: "a"})
		}
		if (err == nil) != c.want {
			t.Errorf("%s, first %s: %v, want success %v", c.call, c.first, err, c.want)
		}
	}
	_, err := newClient(t, nil, gone.URL).Connectors(t.Context())
	if want := "GET " + gone.URL + "/connectors: nothing listens there: start the worker"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestLogins(t *testing.T) {
	w := startWorker(t, answer{200, "", `[]`})
	withUser := strings.Replace(w.URL, "http://", "http://ann:s3cret@", 1)
	for _, c := range []*client.Client{newClient(t, nil, withUser), newClient(t, &client.Options{User: "ann", Password: "s3cret"}, w.URL),
		newClient(t, &client.Options{Token: "t0ken", User: "ann"}, w.URL)} {
		if _, err := c.Connectors(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := c.Addresses(); !slices.Equal(got, []string{w.URL}) {
			t.Errorf("addresses %v, want %s without a login", got, w.URL)
		}
	}
	want := []string{"Basic YW5uOnMzY3JldA==", "Basic YW5uOnMzY3JldA==", "Bearer t0ken"}
	if !slices.Equal(w.logins, want) {
		t.Errorf("logins %q, want %q", w.logins, want)
	}
}

func TestAddressesThatAreWrong(t *testing.T) {
	for _, c := range []struct{ address, want string }{
		{"ftp://ann:s3cret@a:1", "address ftp://ann:xxxxx@a:1: must begin with http:// or https://"},
		{"http://", "has no host"},
		{"http://a:b:c s3cret", "is not a URL such as http://127.0.0.1:8083"},
		{"http://a:1/x?y=1", "ends before ? and #"},
	} {
		_, err := client.New([]string{c.address}, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("New(%s) = %v, want %q", c.address, err, c.want)
		}
	}
	if _, err := client.New(nil, nil); err == nil {
		t.Error("New without an address succeeds")
	}
	if got := newClient(t, nil, "a:8083/").Addresses()[0]; got != "http://a:8083" {
		t.Errorf("a:8083/ is %s, want http://a:8083", got)
	}
}

// What is not Kafka Connect is said to be that, whatever it answers.
func TestAnswersOfSomethingElse(t *testing.T) {
	for _, body := range []string{"<html>hello</html>", `{"a":1}`, `[1]`} {
		w := startWorker(t, answer{200, "text/html", body})
		_, err := newClient(t, nil, w.URL).Connectors(t.Context())
		if err == nil || !strings.Contains(err.Error(), "is this the address of a worker's REST API?") {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestHealthHasTheSameBodyWhateverItsStatus(t *testing.T) {
	for status, want := range map[int]string{200: "healthy", 503: "starting", 500: "unhealthy"} {
		w := startWorker(t, answer{status, "", fmt.Sprintf(`{"status":%q,"message":"m"}`, want)})
		got, err := newClient(t, nil, w.URL).Health(t.Context())
		if err != nil || got.Status != want {
			t.Errorf("status %d: %+v, %v, want %s", status, got, err, want)
		}
	}
	w := startWorker(t, answer{404, "", `{"error_code":404,"message":"HTTP 404 Not Found"}`})
	if _, err := newClient(t, nil, w.URL).Ready(t.Context()); !errors.Is(err, client.ErrUnsupported) {
		t.Errorf("ready of a Java worker: %v, want it unsupported", err)
	}
}

// Numbers of offsets beyond those of a float come back as they were.
func TestOffsetsKeepTheirNumbers(t *testing.T) {
	const text = `{"offsets":[{"partition":{"file":"a"},"offset":{"position":9007199254740993}}]}`
	w := startWorker(t, answer{200, "", text})
	offsets, err := newClient(t, nil, w.URL).Offsets(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := json.Marshal(offsets); string(got) != text {
		t.Errorf("offsets %s, want %s", got, text)
	}
}

func TestAnEmptyNameIsNotSent(t *testing.T) {
	w := startWorker(t, answer{200, "", "{}"})
	c := newClient(t, nil, w.URL)
	errs := map[string]error{"delete": c.Delete(t.Context(), "")}
	_, errs["logger"] = c.Logger(t.Context(), "")
	_, errs["keys"] = c.PluginKeys(t.Context(), "", "")
	_, errs["validate"] = c.Validate(t.Context(), nil)
	for _, name := range slices.Sorted(maps.Keys(errs)) {
		if errs[name] == nil || len(w.asked) > 0 {
			t.Errorf("%s: %v, asked %v", name, errs[name], w.asked)
		}
	}
}
