package rest

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"

	"github.com/suiro/suiro/connect/herder/api"
)

// answer is what becomes the response; without a body it is empty.
type answer struct {
	status  int
	body    any
	created string                 // the path of what was made, or "" when nothing was
	members iter.Seq2[string, any] // of an object that is written as it is made, in place of a body
}

// write writes the answer, or the error in its place.
func (a answer) write(w http.ResponseWriter, c *call, err error) {
	switch {
	case errors.Is(err, errNoPath):
		writeJSON(w, http.StatusNotFound, routerError(http.StatusNotFound))
	case err != nil:
		writeError(w, err)
	case a.members != nil:
		writeObject(w, a.members)
	default:
		if a.created != "" {
			w.Header().Set("Location", location(c.request, a.created))
		}
		writeJSON(w, a.status, a.body)
	}
}

func ok(body any) (answer, error) { return answer{status: http.StatusOK, body: body}, nil }

// found is ok with what a method of the herder returned.
func found[T any](body T, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	return ok(body)
}

// location is where a client finds what was made; a request of HTTP/1.0 names no host.
func location(r *http.Request, path string) string {
	switch {
	case r.Host == "":
		return path
	case r.TLS != nil:
		return "https://" + r.Host + path
	}
	return "http://" + r.Host + path
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
	_ = json.NewEncoder(w).Encode(routerError(code)) // the client may be gone
}

// routerError is the body of an answer of the router's.
func routerError(code int) api.ErrorMessage {
	return api.ErrorMessage{Code: code, Message: fmt.Sprintf("HTTP %d %s", code, http.StatusText(code))}
}
