package cluster

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"

	"github.com/elastic/go-elasticsearch/v8/esapi"
	"github.com/suiro/suiro/connect"
)

// ProductError says that what answers is not Elasticsearch.
type ProductError struct{ distribution string }

// Error names what answers.
func (e *ProductError) Error() string {
	found := "something else"
	if e.distribution != "" {
		found = e.distribution
	}
	return found + " answers, not Elasticsearch 7.14 or newer (no X-Elastic-Product header)"
}

// maxErrorBody bounds how much of an error's answer is read.
const maxErrorBody = 64 << 10

// StatusError is an answer that refuses a request, or one item of it.
type StatusError struct {
	// Status is the HTTP status.
	Status int
	// Kind is Elasticsearch's name of the error, empty when the answer is not
	// one of Elasticsearch.
	Kind string
	// Reason is a sentence for people.
	Reason string
}

func newStatusError(res *esapi.Response) *StatusError {
	e := &StatusError{Status: res.StatusCode}
	b, _ := io.ReadAll(io.LimitReader(res.Body, maxErrorBody))
	var answer struct{ Error ItemError }
	if json.Unmarshal(b, &answer) == nil && answer.Error.Type != "" {
		e.Kind, e.Reason = answer.Error.Type, answer.Error.Text()
		return e
	}
	e.Reason = strings.TrimSpace(Cut(strings.ToValidUTF8(string(b), "?"), 200))
	return e
}

// Error joins status, kind and reason.
func (e *StatusError) Error() string {
	text := fmt.Sprintf("status %d", e.Status)
	for _, s := range []string{e.Kind, e.Reason} {
		if s != "" {
			text += ": " + s
		}
	}
	return text
}

// passingTypes are errors about an index or a node, whatever status they come
// with: an operator, the disk or time lifts them, and no document is at fault.
var passingTypes = map[string]bool{
	"cluster_block_exception":             true, // flood stage, read-only
	"index_closed_exception":              true,
	"validation_exception":                true, // no new index: the cluster has as many shards as it may
	"connect_transport_exception":         true,
	"node_closed_exception":               true,
	"node_disconnected_exception":         true,
	"node_not_connected_exception":        true,
	"receive_timeout_transport_exception": true,
}

// Passing reports whether a kind of error passes by itself, or by an operator.
func Passing(kind string) bool { return passingTypes[kind] }

// Parameter reports whether the server does not know a parameter of the
// request; only the text says so.
func (e *StatusError) Parameter() bool { return strings.Contains(e.Reason, "unrecognized parameter") }

// plainAnswer is in the error of net/http for a server that does not speak TLS.
const plainAnswer = "server gave HTTP response to HTTPS client"

// Misconfigured reports transport errors that waiting does not cure: a
// certificate that is not trusted, TLS where there is none, or something that is
// not Elasticsearch.
func Misconfigured(err error) bool {
	var (
		product *ProductError
		verify  *tls.CertificateVerificationError
		record  tls.RecordHeaderError
		unknown x509.UnknownAuthorityError
		name    x509.HostnameError
		invalid x509.CertificateInvalidError
		alert   tls.AlertError
	)
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	return errors.As(err, &product) || errors.As(err, &verify) || errors.As(err, &record) ||
		errors.As(err, &unknown) || errors.As(err, &name) || errors.As(err, &invalid) ||
		errors.As(err, &alert) || strings.Contains(err.Error(), plainAnswer)
}

// Reset reports a connection that was cut while in use. A server that refuses
// a long body may do so before it has read it, and its 413 is then lost.
func Reset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// Unreachable reports an error of the connection: it could not be opened, or was lost.
func Unreachable(err error) bool {
	var network net.Error
	return Reset(err) || errors.As(err, &network)
}

// NoRoom reports a request that was refused as a whole because Elasticsearch has
// no memory for it: at the moment, or at all.
func NoRoom(err error) bool {
	var status *StatusError
	return errors.As(err, &status) && status.Status == http.StatusTooManyRequests
}

// Final is an error that waiting does not cure, of what was done: it says what to do about
// it, and the worker whether a person has to allow something first.
func Final(what string, err error) error {
	out := fmt.Errorf("%s: %s", what, Explain(err))
	var status *StatusError
	if errors.As(err, &status) && (status.Status == http.StatusUnauthorized || status.Status == http.StatusForbidden) {
		return connect.Denied(out)
	}
	return out
}

// Explain adds to an error that waiting does not cure what to do about it.
func Explain(err error) string {
	var status *StatusError
	text := err.Error()
	switch {
	case errors.As(err, &status) && status.Status == http.StatusUnauthorized:
		return text + "; check connection.username and connection.password, or connection.api.key"
	case errors.As(err, &status) && status.Status == http.StatusForbidden:
		return text + "; the user or API key needs the privileges monitor, create_index and write"
	case errors.As(err, &status) && status.Parameter():
		return text + "; external.resource.usage needs Elasticsearch 8.13 or newer"
	case errors.As(err, &status) && status.Kind == "":
		return text + "; this is not an answer of Elasticsearch, check connection.url and what is between"
	case strings.Contains(text, plainAnswer) || errors.As(err, new(tls.RecordHeaderError)):
		return text + "; the server does not speak TLS, use http in connection.url"
	case errors.As(err, new(*ProductError)):
		return text + "; check connection.url"
	case Reset(err):
		return text + "; if the server speaks TLS, use https in connection.url"
	case Misconfigured(err):
		return text + "; check elastic.https.ssl.truststore.* and elastic.https.ssl.keystore.*"
	}
	return text
}
