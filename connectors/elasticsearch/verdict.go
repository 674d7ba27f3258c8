package elasticsearch

import (
	"context"
	"errors"
	"net/http"

	"github.com/suiro/suiro/connectors/elasticsearch/internal/bulk"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/cluster"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/metrics"
)

// verdict is what follows from an answer, for an item or for a request.
type verdict int

const (
	// accepted: the document is there, or gone, as it should be.
	accepted verdict = iota
	// outdated: a newer version of the document is there.
	outdated
	// taken: a document of this id is there; whether it is this one is to be
	// found out.
	taken
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

// judgeItem decides what the result of one item means. Success is only what
// proves that the document is as the record has it: "already there" proves
// nothing.
func judgeItem(it *item, r *cluster.ItemResult) verdict {
	kind := r.Kind()
	switch {
	case r.Status >= 200 && r.Status < 300:
		return accepted
	case r.Status == http.StatusConflict && it.versioned:
		return outdated // The same version is taken again, so that it is a higher one.
	case r.Status == http.StatusConflict && it.op == bulk.Create:
		return taken
	case r.Status == http.StatusConflict && it.op == bulk.Update:
		return again // Another writer was quicker retry_on_conflict times.
	case r.Status == http.StatusNotFound && it.op == bulk.Delete && kind == "":
		return accepted // Gone, whoever deleted it.
	case kind == "index_not_found_exception":
		return missing
	case cluster.Passing(kind):
		return again
	}
	if busy(r.Status) {
		return again
	}
	switch r.Status {
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

// busy reports a status that says to come again later.
func busy(status int) bool {
	return status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable ||
		status == http.StatusBadGateway || status == http.StatusGatewayTimeout
}

// judgeRequest decides what the failure of a whole request means.
func judgeRequest(err error) verdict {
	var status *cluster.StatusError
	if !errors.As(err, &status) {
		if cluster.Misconfigured(err) {
			return fatal
		}
		return again // The network, a time-out, an answer cut short.
	}
	if cluster.Passing(status.Kind) {
		return again
	}
	switch status.Status {
	case http.StatusRequestEntityTooLarge:
		return divide
	case http.StatusBadRequest:
		if status.Kind == "" || status.Parameter() {
			return fatal // No answer of Elasticsearch, or none about documents.
		}
		return divide
	case http.StatusTooManyRequests, http.StatusRequestTimeout:
		return again
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		return fatal // What a server cannot do it does not learn.
	}
	if status.Status >= 500 {
		return again
	}
	return fatal
}

// retryReason is what the metrics call the cause of another try.
func retryReason(cause error) string {
	var items *refusedItems
	var status *cluster.StatusError
	switch {
	case errors.As(cause, &items):
		return metrics.Documents
	case errors.As(cause, &status) && busy(status.Status):
		return metrics.Busy
	case errors.As(cause, &status):
		return metrics.Failure
	case errors.Is(cause, context.DeadlineExceeded):
		return metrics.Timeout
	case cluster.Unreachable(cause):
		return metrics.Unreachable
	}
	return metrics.Failure
}

// hopeless reports an error of a request that cannot be divided and that
// waiting does not cure.
func hopeless(err error) bool {
	if err == nil {
		return false
	}
	v := judgeRequest(err)
	return v == fatal || v == divide
}
