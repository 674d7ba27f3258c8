package cluster

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/elastic/elastic-transport-go/v8/elastictransport"
	"github.com/elastic/go-elasticsearch/v8/esapi"
)

// filterPath keeps answers short. Without the status of each item, the items
// without error would be left out and the others blamed for them.
var filterPath = []string{"errors", "items.*._id", "items.*.status", "items.*.error"}

const (
	// maxAnswer bounds the answers that are about an index or the cluster, unpacked.
	maxAnswer = 16 << 20
	// maxHeader bounds the header of an answer.
	maxHeader = 256 << 10
	// minBulkAnswer is how long an answer to any bulk request may be, and maxItemAnswer
	// what each item adds, beyond what may be quoted of its document.
	minBulkAnswer, maxItemAnswer = 1 << 20, 4 << 10
)

// Options are how to reach a cluster.
type Options struct {
	// URLs are the addresses of the nodes, at least one.
	URLs []*url.URL
	// Username and Password are for basic authentication; not used when empty.
	Username, Password string
	// APIKey is the encoded API key; it is used instead of Username when set.
	APIKey string
	// Proxy is an HTTP proxy, nil for none.
	Proxy *url.URL
	// TLS is for https; nil for Go's defaults.
	TLS *tls.Config
	// Compress sends bodies with gzip.
	Compress bool
	// ConnectTimeout bounds opening a connection, ReadTimeout adds to it for the
	// TLS handshake. IdleTimeout is how long an unused connection is kept, 0
	// without end.
	ConnectTimeout, ReadTimeout, IdleTimeout time.Duration
	// Connections is how many connections to a node are kept.
	Connections int
}

// Name joins the addresses, for messages.
func (o *Options) Name() string {
	texts := make([]string, len(o.URLs))
	for i, u := range o.URLs {
		texts[i] = u.Redacted()
	}
	return strings.Join(texts, ",")
}

// InTheClear reports whether credentials are sent to another machine without TLS.
func (o *Options) InTheClear() bool {
	if o.APIKey == "" && o.Username == "" {
		return false
	}
	return slices.ContainsFunc(o.URLs, func(u *url.URL) bool {
		ip := net.ParseIP(u.Hostname())
		return u.Scheme == "http" && u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback())
	})
}

// Client speaks to one cluster. It never retries. It may be used from any
// goroutine.
type Client struct {
	http      *http.Transport
	transport *elastictransport.Client
}

// New returns a client. It connects to nothing yet.
func New(o *Options) (*Client, error) {
	t := &http.Transport{
		DialContext:         (&net.Dialer{Timeout: o.ConnectTimeout, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout: o.ConnectTimeout + o.ReadTimeout,
		TLSClientConfig:     o.TLS,
		MaxIdleConnsPerHost: o.Connections,
		// The client never follows a redirect: it would carry the credentials along.
		MaxResponseHeaderBytes: maxHeader,
		IdleConnTimeout:        o.IdleTimeout,
	}
	if o.Proxy != nil {
		t.Proxy = http.ProxyURL(o.Proxy)
	}
	options := []elastictransport.Option{
		elastictransport.WithURLs(o.URLs...),
		elastictransport.WithTransport(t),
		elastictransport.WithDisableRetry(),
		elastictransport.WithUserAgent("suiro"),
	}
	if o.APIKey != "" {
		options = append(options, elastictransport.WithAPIKey(o.APIKey))
	} else if o.Username != "" {
		options = append(options, elastictransport.WithBasicAuth(o.Username, o.Password))
	}
	if o.Compress {
		options = append(options, elastictransport.WithCompression())
	}
	et, err := elastictransport.NewClient(options...)
	if err != nil {
		return nil, fmt.Errorf("make a client for %s: %w", o.Name(), err)
	}
	return &Client{http: t, transport: et}, nil
}

// Close drops idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Bulk sends one bulk body of so many items and returns the result of each, nil when
// all succeeded. Its error is a *StatusError when the cluster refused the request as
// a whole.
func (c *Client) Bulk(ctx context.Context, body []byte, items int, params esapi.BulkRequest) ([]ItemResult, error) {
	params.Body = bytes.NewReader(body)
	params.FilterPath = filterPath
	// A reason may quote a value, and so may the cause behind it, with escapes.
	limit := minBulkAnswer + int64(items)*maxItemAnswer + 4*int64(len(body))
	res, err := c.send(ctx, params, limit)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	return ParseAnswer(res.Body, items)
}

// do sends a request and returns the body of a successful answer.
func (c *Client) do(ctx context.Context, r esapi.Request) ([]byte, error) {
	return c.read(ctx, r, maxAnswer)
}

// read is do with a limit of its own for the answer.
func (c *Client) read(ctx context.Context, r esapi.Request, limit int64) ([]byte, error) {
	res, err := c.send(ctx, r, limit)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	return b, nil
}

// send sends a request and returns a successful answer of Elasticsearch, whose body
// ends with an error behind limit bytes, unpacked. The caller closes it.
func (c *Client) send(ctx context.Context, r esapi.Request, limit int64) (*esapi.Response, error) {
	res, err := r.Do(ctx, c.transport)
	if err != nil {
		return nil, err
	}
	switch {
	case res.IsError():
		defer res.Body.Close()
		return nil, newStatusError(res)
	case !fromElasticsearch(res):
		defer res.Body.Close()
		return nil, errForeign
	}
	res.Body = &bounded{ReadCloser: res.Body, left: limit, limit: limit}
	return res, nil
}

// errForeign is the error for a success that somebody else reports, for instance a
// proxy that answers for a cluster which is away.
var errForeign = errors.New("the answer is not one of Elasticsearch (it has no header X-Elastic-Product)")

func fromElasticsearch(res *esapi.Response) bool {
	return res.Header.Get("X-Elastic-Product") == "Elasticsearch"
}

// Check finds out whether an Elasticsearch answers that lets the client in.
func (c *Client) Check(ctx context.Context) (version string, err error) {
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
	if json.Unmarshal(b, &info) != nil || !fromElasticsearch(res) {
		return "", &ProductError{info.Version.Distribution}
	}
	return info.Version.Number, nil
}
