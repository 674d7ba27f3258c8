package elasticsearch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
)

// verdict is what follows from an answer, for an item or for a request.
type verdict int

const (
	// accepted: the document is there, or gone, as it should be.
	accepted verdict = iota
	// again: it may work later, the document is not at fault.
	again
	// againBounded: it may work later; the server is at fault, perhaps
	// because of this very document.
	againBounded
	// missing: the index is not there and can be created.
	missing
	// malformed: the document is refused for what is in it.
	malformed
	// rejected: the document is refused for another reason.
	rejected
	// divide: the request is refused as a whole and may work in parts.
	divide
	// fatal: nothing will work until somebody changes something.
	fatal
)

// malformedTypes are the errors that behavior.on.malformed.documents is about.
var malformedTypes = map[string]bool{
	"strict_dynamic_mapping_exception":    true,
	"mapper_parsing_exception":            true,
	"illegal_argument_exception":          true,
	"action_request_validation_exception": true,
	"document_parsing_exception":          true,
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

// judgeItem decides what the result of one item means.
func judgeItem(it *item, r *itemResult) verdict {
	kind := ""
	if r.Error != nil {
		kind = r.Error.Type
	}
	switch {
	case r.Status >= 200 && r.Status < 300:
		return accepted
	case r.Status == http.StatusConflict && (it.versioned || it.op == opCreate):
		// Written before: by an attempt whose answer was lost, or by a newer
		// record, which must win.
		return accepted
	case r.Status == http.StatusConflict && it.op == opUpdate:
		return again // Another writer was quicker retry_on_conflict times.
	case r.Status == http.StatusNotFound && it.op == opDelete && kind == "":
		return accepted
	case kind == "index_not_found_exception":
		return missing
	case passingTypes[kind]:
		return again
	}
	switch r.Status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable,
		http.StatusBadGateway, http.StatusGatewayTimeout:
		return again
	case http.StatusUnauthorized, http.StatusForbidden:
		return fatal
	}
	switch {
	case r.Status >= 500:
		return againBounded
	case malformedTypes[kind]:
		return malformed
	}
	return rejected
}

// judgeRequest decides what the failure of a whole request means.
func judgeRequest(err error) verdict {
	var status *statusError
	if !errors.As(err, &status) {
		if misconfigured(err) {
			return fatal
		}
		return again // The network, a time-out, an answer cut short.
	}
	if passingTypes[status.kind] {
		return again
	}
	switch status.status {
	case http.StatusRequestEntityTooLarge:
		return divide
	case http.StatusBadRequest:
		if status.kind == "" || status.parameter() {
			return fatal // No answer of Elasticsearch, or none about documents.
		}
		return divide
	case http.StatusTooManyRequests, http.StatusRequestTimeout:
		return again
	}
	if status.status >= 500 {
		return again
	}
	return fatal
}

// plainAnswer is in the error of net/http for a server that does not speak TLS.
const plainAnswer = "server gave HTTP response to HTTPS client"

// misconfigured reports transport errors that waiting does not cure: a
// certificate that is not trusted, or TLS where there is none.
func misconfigured(err error) bool {
	var (
		product *productError
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

// reset reports a connection that was cut while in use. A server that refuses
// a long body may do so before it has read it, and its 413 is then lost.
func reset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// explain adds to a fatal error what to do about it.
func explain(err error) string {
	var status *statusError
	text := err.Error()
	switch {
	case errors.As(err, &status) && status.status == http.StatusUnauthorized:
		return text + "; check connection.username and connection.password, or connection.api.key"
	case errors.As(err, &status) && status.status == http.StatusForbidden:
		return text + "; the user or API key needs the privileges monitor, create_index and write"
	case errors.As(err, &status) && status.parameter():
		return text + "; external.resource.usage needs Elasticsearch 8.13 or newer"
	case errors.As(err, &status) && status.kind == "":
		return text + "; it is no answer of Elasticsearch, check connection.url and what is between"
	case strings.Contains(text, plainAnswer) || errors.As(err, new(tls.RecordHeaderError)):
		return text + "; the server does not speak TLS, use http in connection.url"
	case errors.As(err, new(*productError)):
		return text + "; check connection.url"
	case reset(err):
		return text + "; if the server speaks TLS, use https in connection.url"
	case misconfigured(err):
		return text + "; check elastic.https.ssl.truststore.* and elastic.https.ssl.keystore.*"
	}
	return text
}
