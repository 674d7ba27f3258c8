package registry

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// maxAnswer is the longest answer of a registry that is read, in bytes: the longest
// schema as JSON text, in which each quote is two bytes.
const maxAnswer = 2 * MaxText

var errAnswer = fmt.Errorf("the registry's answer has more than %d MiB", maxAnswer>>20)

// bounded is a transport whose answers end with an error when they are longer than
// maxAnswer, after they are decompressed.
type bounded struct{ http.RoundTripper }

// RoundTrip sends a request.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		answer.Body = &body{answer.Body, maxAnswer}
	}
	return answer, err
}

// body is that of an answer.
type body struct {
	io.ReadCloser
	left int
}

// Read reads no more than a byte beyond what may be there.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left+1)])
	if b.left -= n; b.left < 0 {
		return 0, errAnswer
	}
	return n, err
}

const maxRedirects = 5

var errRedirects = fmt.Errorf("more than %d redirects", maxRedirects)

// sameServer lets a registry redirect to another of its paths and to nothing else:
// whoever answers in its place could otherwise make the worker send requests, and
// passwords, wherever they like.
func sameServer(r *http.Request, via []*http.Request) error {
	first := via[0].URL
	switch {
	case r.URL.Scheme != first.Scheme || r.URL.Host != first.Host:
		return fmt.Errorf("it redirects to %.200s, another server: if that is right, set %s to it", r.URL.Host, KeyURL)
	case len(via) > maxRedirects:
		return errRedirects
	}
	return nil
}

// shownError is an error with another text.
type shownError struct {
	text  string
	cause error
}

// Error returns the text.
func (e *shownError) Error() string { return e.text }

// Unwrap returns the error that has the text it came with.
func (e *shownError) Unwrap() error { return e.cause }

// maxShown is how many bytes of an answer an error shows.
const maxShown = 500

// shown cuts the text of an error, which may be a whole answer, and takes out the
// secrets, which a server that is not a registry may have sent back.
func (r *Client) shown(err error) error {
	text := err.Error()
	for _, secret := range r.secrets {
		text = strings.ReplaceAll(text, secret, "[hidden]")
	}
	if len(text) > maxShown {
		text = fmt.Sprintf("%s… (cut, %d bytes)", strings.ToValidUTF8(text[:maxShown], ""), len(text))
	}
	if text == err.Error() {
		return err
	}
	return &shownError{text, errors.Unwrap(err)}
}
