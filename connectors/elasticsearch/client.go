package elasticsearch

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/elastic/elastic-transport-go/v8/elastictransport"
	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/kafka/tlsconfig"
)

// filterPath keeps answers short. Without the status of each item, the items
// without error would be left out and the others blamed for them.
var filterPath = []string{"errors", "items.*.status", "items.*.error"}

// client speaks to one cluster. It never retries: the writer does.
type client struct {
	http      *http.Transport
	transport *elastictransport.Client
}

func newClient(s *settings, v config.Values) (*client, error) {
	tlsConf, err := tlsconfig.New(v, sslPrefix)
	if err != nil {
		return nil, err
	}
	t := &http.Transport{
		DialContext:         (&net.Dialer{Timeout: s.connectTimeout, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout: s.connectTimeout + s.readTimeout,
		TLSClientConfig:     tlsConf,
		MaxIdleConnsPerHost: s.inFlight + 1,
		IdleConnTimeout:     s.idleTimeout,
	}
	if s.proxy != nil {
		t.Proxy = http.ProxyURL(s.proxy)
	}
	options := []elastictransport.Option{
		elastictransport.WithURLs(s.urls...),
		elastictransport.WithTransport(t),
		elastictransport.WithDisableRetry(),
		elastictransport.WithUserAgent("suiro"),
	}
	if s.apiKey != "" {
		options = append(options, elastictransport.WithAPIKey(s.apiKey))
	} else if s.username != "" {
		options = append(options, elastictransport.WithBasicAuth(s.username, s.password))
	}
	if s.compress {
		options = append(options, elastictransport.WithCompression())
	}
	et, err := elastictransport.NewClient(options...)
	if err != nil {
		return nil, fmt.Errorf("make a client for %s: %w", joinURLs(s), err)
	}
	return &client{http: t, transport: et}, nil
}

func joinURLs(s *settings) string {
	texts := make([]string, len(s.urls))
	for i, u := range s.urls {
		texts[i] = u.String()
	}
	return strings.Join(texts, ",")
}

// close drops idle connections.
func (c *client) close() { c.http.CloseIdleConnections() }

// bulk sends one bulk body. Its error is a *statusError when the cluster
// refused the request as a whole.
func (c *client) bulk(ctx context.Context, body []byte, params esapi.BulkRequest) ([]byte, error) {
	params.Body = bytes.NewReader(body)
	params.FilterPath = filterPath
	return c.do(ctx, params)
}

// do sends a request and returns the body of a successful answer.
func (c *client) do(ctx context.Context, r esapi.Request) ([]byte, error) {
	res, err := r.Do(ctx, c.transport)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.IsError() {
		return nil, newStatusError(res)
	}
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	return b, nil
}

// check finds out whether an Elasticsearch listens that lets us in.
func (c *client) check(ctx context.Context) (version string, err error) {
	res, err := esapi.InfoRequest{}.Do(ctx, c.transport)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	if res.IsError() {
		return "", newStatusError(res)
	}
	var info struct {
		Version struct {
			Number       string
			Distribution string
		}
	}
	b, err := io.ReadAll(io.LimitReader(res.Body, maxErrorBody))
	if err != nil {
		return "", err
	}
	if json.Unmarshal(b, &info) != nil || res.Header.Get("X-Elastic-Product") != "Elasticsearch" {
		return "", &productError{info.Version.Distribution}
	}
	return info.Version.Number, nil
}

// productError says that what answers is no Elasticsearch.
type productError struct{ distribution string }

func (e *productError) Error() string {
	found := "something else"
	if e.distribution != "" {
		found = e.distribution
	}
	return "it is " + found + ", not Elasticsearch 7.14 or newer (no X-Elastic-Product header)"
}

// maxErrorBody bounds how much of an error's answer is read.
const maxErrorBody = 64 << 10

// statusError is an answer that refuses a whole request.
type statusError struct {
	status int
	kind   string
	reason string
}

func newStatusError(res *esapi.Response) *statusError {
	e := &statusError{status: res.StatusCode}
	b, _ := io.ReadAll(io.LimitReader(res.Body, maxErrorBody))
	var answer struct{ Error itemError }
	if json.Unmarshal(b, &answer) == nil && answer.Error.Type != "" {
		e.kind, e.reason = answer.Error.Type, answer.Error.text()
		return e
	}
	e.reason = strings.TrimSpace(cut(strings.ToValidUTF8(string(b), "?"), 200))
	return e
}

func (e *statusError) Error() string {
	text := fmt.Sprintf("status %d", e.status)
	for _, s := range []string{e.kind, e.reason} {
		if s != "" {
			text += ": " + s
		}
	}
	return text
}

// parameter reports whether the server does not know a parameter of the
// request; only the text says so.
func (e *statusError) parameter() bool { return strings.Contains(e.reason, "unrecognized parameter") }
