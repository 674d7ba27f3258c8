package rest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
)

const (
	// maxBody bounds the body of a request. A configuration must fit a record of a
	// topic, which is no longer by default.
	maxBody = 1 << 20
	// maxAtOnce is how many requests with a body are worked for at a time, as a
	// configuration is checked by making all that it names.
	maxAtOnce = 4
)

// Options are what Go code passes to the API; nil is fine.
type Options struct {
	// Forward sends a request on to the leader, whose REST API answers at the
	// URL, when the herder says that this worker cannot answer; the request's
	// body can be read again. Default: the client is told to try again later.
	Forward func(w http.ResponseWriter, r *http.Request, leader string)
}

// New returns the handler of the REST API over a herder.
func New(h herder.Herder, o *Options) http.Handler {
	s := &server{herder: h, turns: make(chan struct{}, maxAtOnce)}
	if o != nil {
		s.forward = o.Forward
	}
	methods := map[string]map[string]route{}
	for _, r := range routes {
		if methods[r.Path] == nil {
			methods[r.Path] = map[string]route{}
		}
		methods[r.Path][r.Method] = r
	}
	mux := http.NewServeMux()
	for pattern, of := range methods {
		mux.Handle(pattern, s.path(of))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { writeRouterError(w, http.StatusNotFound) })
	return cleanPaths(mux)
}

// server answers requests by the table.
type server struct {
	herder  herder.Herder
	forward func(http.ResponseWriter, *http.Request, string)
	turns   chan struct{} // of requests with a body
}

// path answers the requests of one path.
func (s *server) path(methods map[string]route) http.Handler {
	allowed := allow(methods)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method := r.Method
		if method == http.MethodHead {
			method = http.MethodGet
		}
		route, ok := methods[method]
		switch {
		case ok:
			s.serve(w, r, route)
		case method == http.MethodOptions:
			w.Header().Set("Allow", allowed)
			w.Header().Set("Content-Type", "text/plain")
			_, _ = io.WriteString(w, allowed) // the client may be gone
		default:
			w.Header().Set("Allow", allowed)
			writeRouterError(w, http.StatusMethodNotAllowed)
		}
	})
}

// allow lists the methods of a path, as OPTIONS answers them.
func allow(methods map[string]route) string {
	var out []string
	if _, ok := methods[http.MethodGet]; ok {
		out = append(out, http.MethodHead)
	}
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		if _, ok := methods[m]; ok {
			out = append(out, m)
		}
	}
	return strings.Join(append(out, http.MethodOptions), ",")
}

// serve answers one request, or sends it on to the leader.
func (s *server) serve(w http.ResponseWriter, r *http.Request, route route) {
	if !acceptsJSON(r) {
		writeRouterError(w, http.StatusNotAcceptable)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		writeRouterError(w, http.StatusRequestEntityTooLarge)
		return
	}
	if !sendsJSON(r, len(body) > 0) {
		writeRouterError(w, http.StatusUnsupportedMediaType)
		return
	}
	if len(body) > 0 {
		select {
		case s.turns <- struct{}{}:
			defer func() { <-s.turns }()
		case <-r.Context().Done():
			return // the client is gone
		}
	}
	a, err := route.answer(&call{s.herder, r, body})
	var elsewhere *herder.NotLeaderError
	switch {
	case errors.As(err, &elsewhere) && elsewhere.URL != "" && s.forward != nil:
		r.Body = io.NopCloser(bytes.NewReader(body))
		s.forward(w, r, elsewhere.URL)
	case errors.Is(err, errNoPath):
		writeRouterError(w, http.StatusNotFound)
	case err != nil:
		writeError(w, err)
	case a.members != nil:
		writeObject(w, a.members)
	default:
		writeJSON(w, a.status, a.body)
	}
}

// call is one request on its way to the function that answers it.
type call struct {
	herder.Herder
	request *http.Request
	body    []byte
}

// path returns the part of the path that the route calls name.
func (c *call) path(name string) string { return c.request.PathValue(name) }

// query returns the value of a parameter, "" when it is not there.
func (c *call) query(name string) string { return c.request.URL.Query().Get(name) }

// texts reads the body as an object whose values are texts, numbers or booleans.
// The error is [api.ErrNullValue] when one of them is null.
func (c *call) texts() (map[string]string, error) {
	if len(bytes.TrimSpace(c.body)) == 0 {
		return nil, errors.New("request body is empty: a JSON object is expected")
	}
	var texts api.Config
	d := json.NewDecoder(bytes.NewReader(c.body))
	var wrong *json.UnmarshalTypeError
	switch err := d.Decode(&texts); {
	case errors.As(err, &wrong):
		return nil, fmt.Errorf("request body is of type %s: a JSON object is expected", wrong.Value)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, errors.New("request body is not complete: a JSON object is expected")
	case err != nil:
		return nil, fmt.Errorf("request body is not the JSON that is expected: %w", err)
	case texts == nil:
		return nil, errors.New("request body is null: a JSON object is expected")
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("request body has something after the JSON object: send the object alone")
	}
	return texts, nil
}

// config reads a connector's configuration from the body.
func (c *call) config() (map[string]string, error) {
	config, err := c.texts()
	if errors.Is(err, api.ErrNullValue) {
		return nil, herder.Errorf(herder.ErrInvalid, "Null value can not be supplied as the configuration value.")
	}
	return config, err
}

// answer is what becomes the response; without a body it is empty.
type answer struct {
	status  int
	body    any
	members iter.Seq2[string, any] // of an object that is written as it is made, in place of a body
}

func ok(body any) (answer, error) { return answer{status: http.StatusOK, body: body}, nil }

// found is ok with what a method of the herder returned.
func found[T any](body T, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	return ok(body)
}

// cleanPaths takes /connectors/ for /connectors, as Kafka Connect does. A name may
// have any character, escaped; of the path as it was sent no segment is empty or dots,
// and what is escaped in it is UTF-8. Other paths are not in the table.
func cleanPaths(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		escaped := r.URL.EscapedPath()
		if len(escaped) > 1 {
			escaped = strings.TrimSuffix(escaped, "/")
		}
		plain, err := url.PathUnescape(escaped)
		if err != nil || !utf8.ValidString(plain) || !strings.HasPrefix(escaped, "/") || path.Clean(escaped) != escaped {
			writeRouterError(w, http.StatusNotFound)
			return
		}
		as, u := *r, *r.URL
		u.Path, u.RawPath = plain, escaped
		as.URL = &u
		next.ServeHTTP(w, &as)
	})
}

// acceptsJSON reports whether the client takes JSON.
func acceptsJSON(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept"), ",") {
		kind, _, _ := strings.Cut(part, ";")
		switch strings.TrimSpace(kind) {
		case "", "*/*", "application/*", "application/json":
			return true
		}
	}
	return false
}

// sendsJSON reports whether the body, if there is one, says that it is JSON.
func sendsJSON(r *http.Request, hasBody bool) bool {
	given := r.Header.Get("Content-Type")
	if given == "" {
		return !hasBody
	}
	kind, _, err := mime.ParseMediaType(given)
	return err == nil && kind == "application/json"
}

func writeJSON(w http.ResponseWriter, code int, body any) {
	if body == nil {
		w.WriteHeader(code)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(body) // the client may be gone
}

// writeObject answers with an object, member by member, so that it is never held as a
// whole.
func writeObject(w http.ResponseWriter, members iter.Seq2[string, any]) {
	w.Header().Set("Content-Type", "application/json")
	out := bufio.NewWriter(w)
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	separator := byte('{')
	for name, member := range members {
		_ = out.WriteByte(separator) // an error stays in the writer
		separator = ','
		_ = e.Encode(name)
		_ = out.WriteByte(':')
		if e.Encode(member) != nil {
			return // the client is gone
		}
	}
	if separator == '{' {
		_ = out.WriteByte(separator)
	}
	_, _ = out.WriteString("}\n")
	_ = out.Flush()
}

// writeRouterError is an answer of the router's, without a Content-Type.
func writeRouterError(w http.ResponseWriter, code int) {
	w.Header()["Content-Type"] = nil
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(api.ErrorMessage{ // the client may be gone
		Code: code, Message: fmt.Sprintf("HTTP %d %s", code, http.StatusText(code))})
}
