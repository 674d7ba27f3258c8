package kinds

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/suiro/suiro/cmd/internal/attack/stage"
)

// web are attacks on the HTTP servers of the worker and the apps.
func web() []Kind {
	return []Kind{
		{"slow-headers", "opens hundreds of connections and sends headers a byte at a time", slowHeaders},
		{"slow-bodies", "sends bodies a byte at a time, and more than it has announced", slowBodies},
		{"idle-connections", "opens a thousand connections to each server and sends nothing", idleConnections},
		{"slow-readers", "asks for long answers and does not read them", slowReaders},
		{"large-bodies", "sends bodies and headers of a hundred megabytes, and JSON that is deep", largeBodies},
		{"forged-hosts", "asks for every page under names that are not the server's, and as a page of another site",
			forgedHosts},
		{"odd-paths", "asks for paths that lead elsewhere, and for names with slashes", oddPaths},
		{"unknown-names", "deletes, changes and restarts connectors that do not exist, at once", unknownNames},
		{"many-queries", "asks for counts, metrics and everything else many times at once", manyQueries},
		{"secrets", "asks for every page that shows configurations", secrets},
	}
}

// patient is how long a page may take while the server is attacked.
const patient = time.Minute

// addresses are those of all servers.
func addresses(f *Field) []string {
	var out []string
	for _, p := range f.All() {
		out = append(out, p.HTTP)
	}
	return out
}

// ask sends a request to a page of a server.
func ask(ctx context.Context, method, url, body string, change ...func(*http.Request)) (status int, text string,
	err error) {
	ctx, cancel := context.WithTimeout(ctx, patient)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, c := range change {
		c(req)
	}
	cl := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, CheckRedirect: func(*http.Request,
		[]*http.Request) error {
		return http.ErrUseLastResponse
	}}
	res, err := cl.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	all, err := io.ReadAll(io.LimitReader(res.Body, 64<<20))
	return res.StatusCode, string(all), err
}

// answers returns an error unless every server answers, as an operator's probe asks.
func answers(ctx context.Context, f *Field) error {
	for _, addr := range addresses(f) {
		status, _, err := ask(ctx, "GET", "http://"+addr+"/health", "")
		if err != nil || status != http.StatusOK {
			return fmt.Errorf("GET /health of %s answers %d, %w while it is attacked, want 200", addr, status, err)
		}
	}
	return nil
}

// connections opens n connections to each server, and returns what closes them.
func connections(f *Field, n int) (all []net.Conn, closeAll func()) {
	for _, addr := range addresses(f) {
		for range n {
			c, err := net.DialTimeout("tcp", addr, 5*time.Second)
			if err != nil {
				break // the server takes no more
			}
			all = append(all, c)
		}
	}
	return all, func() {
		for _, c := range all {
			_ = c.Close() // nothing is read
		}
	}
}

func slowHeaders(ctx context.Context, f *Field) error {
	all, closeAll := connections(f, 300)
	defer closeAll()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for _, b := range []byte("GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: aaaaaaa")[:f.many(20, 50)] {
		for _, c := range all {
			_, _ = c.Write([]byte{b}) // the server may have closed it
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return answers(ctx, f)
}

func slowBodies(ctx context.Context, f *Field) error {
	all, closeAll := connections(f, 100)
	defer closeAll()
	for i, c := range all {
		length := []string{"Content-Length: 1000000000", "Transfer-Encoding: chunked", "Content-Length: 5"}[i%3]
		_, _ = fmt.Fprintf(c,
			"PUT /admin/loggers/root HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n%s\r\n\r\n5\r\n{",
			// may be closed
			c.RemoteAddr(), length)
	}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for range f.many(10, 50) {
		for _, c := range all {
			_, _ = c.Write([]byte(" ")) // the server may have closed it
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return answers(ctx, f)
}

func idleConnections(ctx context.Context, f *Field) error {
	_, closeAll := connections(f, 1000)
	defer closeAll()
	return answers(ctx, f)
}

func slowReaders(ctx context.Context, f *Field) error {
	all, closeAll := connections(f, 100)
	defer closeAll()
	for i, c := range all {
		if t, ok := c.(*net.TCPConn); ok {
			_ = t.SetReadBuffer(1024) // smaller is crueller, and that is all
		}
		path := []string{"/metrics", "/stats", "/connectors?expand=info&expand=status", "/admin/loggers"}[i%4]
		for range 20 { // one after the other, on one connection
			_, _ = fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", path, c.RemoteAddr()) // may be closed
		}
	}
	return answers(ctx, f)
}

func largeBodies(ctx context.Context, f *Field) error {
	for _, addr := range addresses(f) {
		for _, b := range []string{strings.Repeat(" ", 100<<20), strings.Repeat("[", 1<<20), `{"level":"` +
			strings.Repeat("x", 1<<20) + `"}`,
			strings.Repeat(`{"a":`, 100_000)} {
			for _, path := range []string{"/admin/loggers/root", "/connector-plugins/FileStreamSink/config/validate",
				"/connectors"} {
				status, _, err := ask(ctx, "PUT", "http://"+addr+path, b)
				if err == nil && status < 400 {
					return fmt.Errorf("PUT %s of %s takes a body of %d bytes with status %d", path, addr, len(b), status)
				}
			}
		}
		status, _, err := ask(ctx, "GET", "http://"+addr+"/health", "", func(r *http.Request) {
			r.Header.Set("X-A",
				strings.Repeat("h", 10<<20))
		})
		if err == nil && status < 400 {
			return fmt.Errorf("GET /health of %s takes a header of 10 MiB with status %d", addr, status)
		}
	}
	return answers(ctx, f)
}

func forgedHosts(ctx context.Context, f *Field) error {
	paths := []string{"/", "/health", "/metrics", "/connectors?expand=info", "/stats", "/topology"}
	for _, addr := range addresses(f) {
		for _, path := range paths {
			for _, host := range []string{"evil.example", "127.0.0.1.evil.example", "localhost.evil.example",
				"evil.example:80"} {
				status, _, err := ask(ctx, "GET", "http://"+addr+path, "", func(r *http.Request) { r.Host = host })
				if err == nil && status < 400 {
					return fmt.Errorf("GET %s of %s answers host %s with status %d", path, addr, host, status)
				}
			}
		}
		for _, origin := range []string{"http://evil.example", "null", "https://" + addr + ".evil.example"} {
			status, _, err := ask(ctx, "PUT", "http://"+addr+"/admin/loggers/root", `{"level":"TRACE"}`,
				func(r *http.Request) {
					r.Header.Set("Origin", origin)
				})
			if err == nil && status < 400 {
				return fmt.Errorf("PUT /admin/loggers/root of %s answers a page of %s with status %d", addr, origin, status)
			}
		}
	}
	return answers(ctx, f)
}

func oddPaths(ctx context.Context, f *Field) error {
	name := f.Topic("to-file")
	for _, addr := range addresses(f) {
		for _, path := range []string{"/connectors/" + name + "%2F", "/connectors/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
			"/connectors/" + name + "%00",
			"/connectors/" + name + "/tasks/99999999999999999999/status", "/connectors/" + name + "/tasks/-1/status",
			"/connectors/" + name + "%2Fconfig",
			"/connector-plugins/..%2f/config", "/admin/loggers/" + strings.Repeat("a", 100_000), "/stats?from=x",
			"/stats?server=" + strings.Repeat("a", 100_000),
			"/connectors/" + strings.Repeat("%2F", 10_000), "/%ff%fe", "/stats/../../etc/passwd", "/debug/pprof/",
			"/debug/vars"} {
			status, text, err := ask(ctx, "GET", "http://"+addr+path, "")
			if err == nil && status < 300 && text != "[]\n" && text != "[]" {
				return fmt.Errorf("GET %.100s of %s answers with status %d: %.200s", path, addr, status, text)
			}
		}
	}
	return answers(ctx, f)
}

// together calls do n times at once and returns the errors.
func together(n int, do func(i int) error) error {
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { errs[i] = do(i) })
	}
	all.Wait()
	return errors.Join(errs...)
}

func unknownNames(ctx context.Context, f *Field) error {
	names := make([]string, f.many(200, 3000))
	for i := range names {
		names[i] = choose(f, fmt.Sprintf("unknown-%x", f.Rand.Uint32()), "a%2Fb", "%2e%2e", "%00", strings.Repeat("n",
			5000), "%ff")
	}
	err := together(8, func(i int) error {
		for n := i; n < len(names); n += 8 {
			for _, call := range []string{"DELETE /connectors/%s", "PUT /connectors/%s/config", "POST /connectors/%s/restart",
				"DELETE /connectors/%s/offsets", "PUT /connectors/%s/topics/reset", "PUT /connectors/%s/pause",
				"GET /connectors/%s/status"} {
				method, path, _ := strings.Cut(fmt.Sprintf(call, names[n]), " ")
				status, text, err := ask(ctx, method, "http://"+f.Worker.HTTP+path, `{"connector.class":"Nothing"}`)
				if err == nil && status >= 500 && status != http.StatusServiceUnavailable {
					return fmt.Errorf("%s %.100s answers with status %d: %.200s", method, path, status, text)
				}
			}
		}
		return nil
	})
	return errors.Join(err, answers(ctx, f))
}

func manyQueries(ctx context.Context, f *Field) error {
	paths := []string{"/stats", "/metrics", "/stats?server=hostile", "/connectors?expand=info&expand=status",
		"/topology", "/ready",
		"/stats?from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59Z", "/connector-plugins?connectorsOnly=false"}
	err := together(16, func(i int) error {
		for n := range f.many(20, 200) {
			for _, addr := range addresses(f) {
				if _, _, err := ask(ctx, "GET", "http://"+addr+paths[(i+n)%len(paths)], ""); err != nil && ctx.Err() != nil {
					return err
				}
			}
		}
		return nil
	})
	return errors.Join(err, answers(ctx, f))
}

func secrets(ctx context.Context, f *Field) error {
	name := f.Topic("to-elasticsearch")
	for _, page := range []string{"/connectors/" + name, "/connectors/" + name + "/config", "/connectors/" + name +
		"/tasks",
		"/connectors?expand=info&expand=status", "/connectors/" + name + "/status", "/metrics", "/admin/loggers"} {
		_, text, err := ask(ctx, "GET", "http://"+f.Worker.HTTP+page, "")
		if err != nil {
			return err
		}
		if strings.Contains(text, stage.Password) {
			return fmt.Errorf("GET %s shows a password", page)
		}
	}
	config := `{"connector.class":"ElasticsearchSink","name":"x","topics":"a","connection.url":"http://user:` +
		stage.Password +
		`@ a","connection.password":"` + stage.Password + `","batch.size":"x"}`
	_, text, err := ask(ctx, "PUT", "http://"+f.Worker.HTTP+"/connector-plugins/ElasticsearchSink/config/validate",
		config)
	if err == nil && strings.Contains(text, stage.Password) {
		return fmt.Errorf("PUT /connector-plugins/ElasticsearchSink/config/validate shows a password: %s",
			around(text, stage.Password))
	}
	return err
}

// around is what a text has before and after a word.
func around(text, word string) string {
	at := strings.Index(text, word)
	return text[max(0, at-200):min(len(text), at+100)]
}
