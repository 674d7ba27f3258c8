package rest

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/suiro/suiro/connect/access"
	"github.com/suiro/suiro/internal/backoff"
)

// forwarder sends requests on to the leader of the cluster, as Kafka Connect does: the
// parameter forward says how many workers a request has passed. It is absent in what a
// client sends, true in what the first worker sends on, and false in what the second
// does, which nobody sends on.
type forwarder struct {
	client *http.Client
}

const (
	// firstPause and maxPause are between tries to reach a leader, which has perhaps
	// just died: the group finds another one.
	firstPause = 100 * time.Millisecond
	maxPause   = 2 * time.Second
	// dialTimeout is how long a connection to the leader may take.
	dialTimeout = 5 * time.Second
)

// passedOn are the headers that a request keeps.
var passedOn = []string{"Accept", "Authorization", "Content-Type", signatureHeader, algorithmHeader}

// errUnreached means that the leader has not got a request.
var errUnreached = errors.New("the leader cannot be reached")

// NewClient returns a client for requests to other workers, which takes no proxy. conf says
// whom it trusts and which certificate it shows; nil trusts the authorities of the system.
func NewClient(conf *tls.Config) *http.Client {
	return &http.Client{Transport: &http.Transport{TLSClientConfig: conf, TLSHandshakeTimeout: dialTimeout,
		DialContext: (&net.Dialer{Timeout: dialTimeout}).DialContext}}
}

// newForwarder uses a client that takes no redirects; nil is one without settings of TLS.
func newForwarder(client *http.Client) *forwarder {
	if client == nil {
		client = NewClient(nil)
	}
	own := *client
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &forwarder{&own}
}

// hop is the value of forward in what is sent on; ok is false for a request that has
// passed two workers.
func hop(r *http.Request) (forward string, ok bool) {
	given, sent := r.URL.Query()["forward"]
	switch {
	case !sent:
		return "true", true
	case strings.EqualFold(given[0], "true"):
		return "false", true
	}
	return "", false
}

// send returns the leader's answer, which the caller closes. An error that is
// errUnreached means that it has not got the request.
func (f *forwarder) send(c *call, leader, forward string) (*http.Response, error) {
	to, err := target(c.request, leader, forward)
	if err != nil {
		return nil, err
	}
	out, err := http.NewRequestWithContext(c.ctx, c.request.Method, to, bytes.NewReader(c.body))
	if err != nil {
		return nil, fmt.Errorf("send the request on to the leader: %w", err)
	}
	for _, name := range passedOn {
		if value := c.request.Header.Get(name); value != "" {
			out.Header.Set(name, value)
		}
	}
	access.CallerOf(c.ctx).Vouch(out, c.body)
	answer, err := f.client.Do(out)
	var dialing *net.OpError
	switch {
	case errors.As(err, &dialing) && dialing.Op == "dial":
		return nil, fmt.Errorf("%w at %s: %w", errUnreached, leader, dialing)
	case err != nil:
		return nil, fmt.Errorf("the leader at %s has got the request and has not answered: %w: look whether it was done "+
			"before you send it again", leader, err)
	case isPage(answer):
		_ = answer.Body.Close()
		return nil, fmt.Errorf("%w at %s: it is starting", errUnreached, leader)
	}
	return answer, nil
}

// target is the URL of a request at the leader.
func target(r *http.Request, leader, forward string) (string, error) {
	u, err := url.Parse(leader)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return "", fmt.Errorf("the leader says that it listens at %.100q, which is not a URL of HTTP: correct its "+
			"rest.advertised.host.name", leader)
	}
	query := r.URL.Query()
	query.Set("forward", forward)
	return u.Scheme + "://" + u.Host + r.URL.EscapedPath() + "?" + query.Encode(), nil
}

// isPage reports whether the answer is the page that Kafka Connect's server gives for
// every path until the REST API has started.
func isPage(r *http.Response) bool {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return r.StatusCode == http.StatusNotFound && kind == "text/html"
}

// wait pauses before another try, or says why there is none.
func wait(ctx context.Context, pause *backoff.Backoff, err error) error {
	var name *net.DNSError
	if !errors.Is(err, errUnreached) {
		return err
	}
	if errors.As(err, &name) && name.IsNotFound {
		return fmt.Errorf("%w: set the leader's rest.advertised.host.name to a name that this host knows", err)
	}
	if backoff.Sleep(ctx, pause.Next()) != nil {
		return fmt.Errorf("%w: try again once the cluster has another leader", err)
	}
	return nil
}

// pass writes the leader's answer. Location names this worker, which the client knows.
func pass(w http.ResponseWriter, c *call, from *http.Response) {
	defer func() { _ = from.Body.Close() }()
	w.Header()["Content-Type"] = from.Header["Content-Type"] // none where the leader sent none
	for _, name := range []string{"Allow", "Retry-After"} {
		if value := from.Header.Get(name); value != "" {
			w.Header().Set(name, value)
		}
	}
	if u, err := url.Parse(from.Header.Get("Location")); err == nil && u.Path != "" {
		w.Header().Set("Location", location(c.request, u.EscapedPath()))
	}
	w.WriteHeader(from.StatusCode)
	_, _ = io.Copy(w, from.Body) // the client may be gone
}
