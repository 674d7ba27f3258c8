package cli

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// askWith sends a request from a page of a site and returns the answer without its body.
func askWith(t *testing.T, method, url, origin string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if origin != "" {
		r.Header.Set("Origin", origin)
		r.Header.Set("Sec-Fetch-Site", "cross-site")
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer
}

// A worker without connector files answers, its loggers are at addresses of their own,
// and pages and headers are as its file says.
func TestAWorkerListensAsItsFileSays(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	code, log := make(chan int, 1), &output{}
	file := workerFile(t, startKafka(t), anyPort, "admin.listeners=http://"+anyPort,
		"access.control.allow.origin=https://console.example.com", "access.control.allow.methods=GET",
		"response.http.headers.config=set X-Frame-Options: DENY")
	go func() { code <- run(ctx, []string{"connect", "--config", file}, io.Discard, log) }()
	defer func() {
		stop()
		if got := <-code; got != 0 {
			t.Errorf("suiro connect = %d, want 0:\n%s", got, log)
		}
	}()
	waitFor(t, "both addresses", log, func() bool { return strings.Count(log.String(), "rest api listens") == 2 })
	found := regexp.MustCompile(`"?rest api listens"? address=(\S+)`).FindAllStringSubmatch(log.String(), -1)
	api, admin := found[0][1], found[1][1]
	for _, c := range []struct {
		method, url, origin string
		want                int
	}{
		{"GET", api + "/connectors", "", 200}, {"GET", api + "/admin/loggers", "", 404},
		{"GET", admin + "/admin/loggers", "", 200}, {"GET", admin + "/connectors", "", 404},
		{"GET", api + "/connectors", "https://console.example.com", 200},
		{"DELETE", api + "/connectors/a", "https://console.example.com", 403},
		{"GET", api + "/connectors", "https://other.example.com", 403},
	} {
		got := askWith(t, c.method, c.url, c.origin)
		if got.StatusCode != c.want || got.Header.Get("X-Frame-Options") != "DENY" {
			t.Errorf("%s %s from %q = %d with %v, want %d", c.method, c.url, c.origin, got.StatusCode, got.Header, c.want)
		}
	}
}

// Kafka Connect has no /admin at all when the key is there and empty.
func TestEmptyAdminListenersLeaveOutTheLoggers(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	code, log := make(chan int, 1), &output{}
	file := workerFile(t, startKafka(t), anyPort, "admin.listeners=")
	go func() { code <- run(ctx, []string{"connect", "--config", file}, io.Discard, log) }()
	waitFor(t, "an address", log, func() bool { return strings.Contains(log.String(), "rest api listens") })
	url := "http://" + restAddress(t, log)
	for path, want := range map[string]int{"/connectors": 200, "/admin/loggers": 404} {
		if got := askWith(t, "GET", url+path, "").StatusCode; got != want {
			t.Errorf("GET %s = %d, want %d", path, got, want)
		}
	}
	stop()
	<-code
}

func TestWhatIsWrongWithTheRESTAPIIsSaid(t *testing.T) {
	for line, want := range map[string]string{
		"admin.listeners=127.0.0.1:8084":            "must be http://host:port or https://host:port",
		"admin.listeners=http://0.0.0.0:8084":       "other machines reach this address",
		"access.control.allow.origin=console":       "is not the origin of a page",
		"response.http.headers.config=put X-A: 1":   "is not an action",
		"response.http.headers.config=\"set X-A: 1": "in double quotes",
	} {
		out := &output{}
		key, _, _ := strings.Cut(line, "=")
		file := workerFile(t, "127.0.0.1:1", anyPort, line)
		if code := run(t.Context(), []string{"connect", "--check", "--config", file}, out, out); code != 2 ||
			!strings.Contains(strings.Join(strings.Fields(out.String()), " "), want) || !strings.Contains(out.String(), key) {
			t.Errorf("--check with %s = %d, want 2 with %q:\n%s", line, code, want, out)
		}
	}
}
