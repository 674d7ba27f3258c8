package tlsconfig

import (
	"crypto/tls"
	"fmt"
	"os"
	"strings"
	"sync"
)

// renewed is a configuration that is read again when its files have changed. While they
// cannot be used, what they held before is. It is safe for concurrent use.
type renewed struct {
	files  []string
	read   func() (*tls.Config, error)
	failed func(error) // told of what cannot be used; may be nil

	mu   sync.Mutex // guards the rest
	seen string     // how the files looked when they were read
	now  *tls.Config
}

// current is asked at each handshake.
func (r *renewed) current() *tls.Config {
	r.mu.Lock()
	defer r.mu.Unlock()
	look := lookOf(r.files)
	if look == r.seen {
		return r.now
	}
	r.seen = look // before they are read, so that what changes meanwhile is seen at the next call
	next, err := r.read()
	switch {
	case err == nil:
		r.now = next
	case r.failed != nil:
		r.failed(err)
	}
	return r.now
}

// clientCertificate is the one that a client shows, none when the server would refuse it.
func (r *renewed) clientCertificate(asked *tls.CertificateRequestInfo) (*tls.Certificate, error) {
	for _, cert := range r.current().Certificates {
		if asked.SupportsCertificate(&cert) == nil {
			return &cert, nil
		}
	}
	return &tls.Certificate{}, nil
}

// lookOf is a text that changes when a file is written or another one takes its place.
func lookOf(files []string) string {
	var b strings.Builder
	for _, path := range files {
		info, err := os.Stat(path)
		if err != nil {
			fmt.Fprintln(&b, "missing")
			continue
		}
		fmt.Fprintln(&b, info.Size(), info.ModTime().UnixNano())
	}
	return b.String()
}
