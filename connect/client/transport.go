package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/backoff"
	"github.com/suiro/suiro/internal/excerpt"
)

const (
	// maxAnswer bounds what is read of an answer: a list of thousands of connectors with
	// their states and configurations is some megabytes.
	maxAnswer = 256 << 20
	// maxMessage bounds what of an answer becomes part of an error.
	maxMessage = 4096
	// firstPause and maxPause are between a request and the next try.
	firstPause = 200 * time.Millisecond
	maxPause   = 2 * time.Second
	// connectTimeout bounds the connection to one address, so that a machine that is away
	// does not keep the next from being asked.
	connectTimeout = 10 * time.Second
)

// transport sends requests to the workers of a cluster.
type transport struct {
	http      *http.Client
	addresses []*url.URL
	options   Options
	current   atomic.Int32 // the address that answered last
}

// newTransport checks the addresses. The error shows no password.
func newTransport(addresses []string, o *Options) (*transport, error) {
	t := &transport{}
	if o != nil {
		t.options = *o
	}
	if t.options.RetryFor == 0 {
		t.options.RetryFor = DefaultRetryFor
	}
	if t.options.UserAgent == "" {
		t.options.UserAgent = "suiro"
	}
	for _, each := range addresses {
		u, err := parseAddress(each)
		if err != nil {
			return nil, err
		}
		if u.User != nil {
			t.options.User = u.User.Username()
			t.options.Password, _ = u.User.Password()
			u.User = nil
		}
		t.addresses = append(t.addresses, u)
	}
	if len(t.addresses) == 0 {
		return nil, errors.New("a cluster has at least one address, such as http://127.0.0.1:8083")
	}
	dialer := &net.Dialer{Timeout: connectTimeout}
	t.http = &http.Client{
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext,
			TLSClientConfig: t.options.TLS, TLSHandshakeTimeout: connectTimeout, ForceAttemptHTTP2: true,
			IdleConnTimeout: time.Minute},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return t, nil
}

// parseAddress reads the address of a worker; without a scheme it is http.
func parseAddress(text string) (*url.URL, error) {
	whole := strings.TrimSpace(text)
	if !strings.Contains(whole, "://") {
		whole = "http://" + whole
	}
	u, err := url.Parse(whole)
	switch {
	case err != nil: // whose text would show a password
		return nil, errors.New("an address of a worker is not a URL such as http://127.0.0.1:8083")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("address %s: must begin with http:// or https://", u.Redacted())
	case u.Hostname() == "":
		return nil, fmt.Errorf("address %s: has no host: it is a URL such as http://127.0.0.1:8083", u.Redacted())
	case u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("address %s: ends before ? and #", u.Redacted())
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
	return u, nil
}

// request is one request of the API.
type request struct {
	method string
	path   string // escaped
	query  url.Values
	body   any // what is sent as JSON; nil for none
}

// do sends a request until it is answered, and decodes the answer into out unless that
// is nil or the answer is empty. It returns the status.
func (t *transport) do(ctx context.Context, r request, out any) (int, error) {
	var body []byte
	if r.body != nil {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(r.body); err != nil {
			return 0, fmt.Errorf("%s %s: write the body: %w", r.method, r.path, err)
		}
		body = b.Bytes()
	}
	begun, pause := time.Now(), backoff.Backoff{First: firstPause, Max: maxPause}
	for {
		status, err := t.ask(ctx, r, body, out)
		var refused *Error
		if err == nil || !errors.As(err, &refused) || !refused.passes() ||
			time.Since(begun) >= t.options.RetryFor {
			return status, err
		}
		if t.options.OnRetry != nil {
			t.options.OnRetry(err)
		}
		if backoff.Sleep(ctx, pause.Next()) != nil {
			return status, err // which says more than that the time is over
		}
	}
}

// ask sends a request once, to the address that answered last or, where that cannot be
// reached, to the next.
func (t *transport) ask(ctx context.Context, r request, body []byte, out any) (int, error) {
	var errs []error
	first := int(t.current.Load())
	for i := range t.addresses {
		at := (first + i) % len(t.addresses)
		status, err := t.askAt(ctx, t.addresses[at], r, body, out)
		var unreachable *unreachableError
		if !errors.As(err, &unreachable) {
			t.current.Store(int32(at))
			return status, err
		}
		errs = append(errs, err)
		if ctx.Err() != nil || !unreachable.again(r.method) {
			break
		}
	}
	return 0, errors.Join(errs...)
}

// askAt sends a request to one address.
func (t *transport) askAt(ctx context.Context, address *url.URL, r request, body []byte, out any) (int, error) {
	text := address.String() + r.path
	if len(r.query) > 0 {
		text += "?" + r.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, r.method, text, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("%s %s: %w", r.method, r.path, err)
	}
	req.Header.Set("Accept", "application/json")
	if _, raw := out.(*[]byte); raw {
		req.Header.Set("Accept", "text/plain")
	}
	req.Header.Set("User-Agent", t.options.UserAgent)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	switch {
	case t.options.Token != "":
		req.Header.Set("Authorization", "Bearer "+t.options.Token)
	case t.options.User != "":
		req.SetBasicAuth(t.options.User, t.options.Password)
	}
	res, err := t.http.Do(req)
	if err != nil {
		return 0, unreachable(address, r, err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		return 0, unreachable(address, r, err)
	case len(answer) > maxAnswer:
		return 0, fmt.Errorf("%s %s: the answer has more than %d MiB", r.method, r.path, maxAnswer>>20)
	case res.StatusCode/100 != 2:
		return res.StatusCode, refusal(r, res, answer, out)
	}
	return res.StatusCode, decode(r, answer, out)
}

// anyStatus is what an answer is decoded into whatever its status: /health and /ready
// have the same body then.
type anyStatus struct{ into any }

// decode reads an answer into out.
func decode(r request, answer []byte, out any) error {
	switch as := out.(type) {
	case anyStatus:
		out = as.into
	case *[]byte:
		*as = answer
		return nil
	}
	if out == nil || len(bytes.TrimSpace(answer)) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(answer))
	d.UseNumber() // offsets have numbers that a float would change
	if err := d.Decode(out); err != nil {
		return fmt.Errorf("%s %s: the answer is not what Kafka Connect answers (%w): is this the address of a worker's "+
			"REST API? It begins with %q", r.method, r.path, err, excerpt.Text(string(answer), 80))
	}
	return nil
}

// refusal makes an error of an answer whose status says that it is one.
func refusal(r request, res *http.Response, answer []byte, out any) error {
	e := &Error{Method: r.method, Path: r.path, Status: res.StatusCode}
	var body api.ErrorMessage
	parsed := json.Unmarshal(answer, &body) == nil
	switch {
	case parsed && routerSays[body.Message]:
		e.unknown = true
		e.Message = "the worker does not have this request: is it older, or the address that of something else?"
	case parsed && body.Code != 0 && body.Message != "":
		e.Message = excerpt.Text(body.Message, maxMessage)
	case parsed && body.Code == 0 && isAny(out):
		return decode(r, answer, out)
	case res.StatusCode/100 == 3:
		e.Message = "the server sends the request elsewhere, to " + res.Header.Get("Location") + ": use that address"
	case res.StatusCode == http.StatusUnauthorized:
		e.Message = "the worker wants a login, a user and password or a token"
	default:
		e.html = strings.HasPrefix(res.Header.Get("Content-Type"), "text/html")
		e.Message = http.StatusText(res.StatusCode)
		if e.Message == "" {
			e.Message = "no message"
		}
	}
	return e
}

// routerSays are the messages of a request that a worker does not have.
var routerSays = map[string]bool{"HTTP 404 Not Found": true, "HTTP 405 Method Not Allowed": true}

func isAny(out any) bool {
	_, ok := out.(anyStatus)
	return ok
}
