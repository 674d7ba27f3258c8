package tlsconfig

import (
	"crypto/tls"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/suiro/suiro/connect/config"
)

// Server is how a server encrypts, with certificates that are read again when their files
// have changed. It is safe for concurrent use.
type Server struct{ own renewed }

// NewServer returns the server that the values of [ServerKeys] with a prefix stand for.
// Files are read at once. The error, if any, is a [config.Errors] of every key that is
// wrong, by its full name.
func NewServer(v config.Values, prefix string) (*Server, error) {
	s := settings{v, prefix}
	c, err := s.server()
	if err != nil {
		return nil, err
	}
	out := &Server{renewed{read: s.server, now: c}}
	for _, key := range []string{"ssl.keystore.location", "ssl.truststore.location"} {
		if path := s.text(key); path != "" {
			out.own.files = append(out.own.files, path)
		}
	}
	out.own.seen = lookOf(out.own.files)
	return out, nil
}

// Config returns a configuration for HTTP/1. When a file has changed and cannot be used,
// failed is told why, once, and what it held before is used further. Config is called
// once, before the server starts.
func (s *Server) Config(failed func(error)) *tls.Config {
	s.own.failed = failed
	return &tls.Config{MinVersion: tls.VersionTLS12, GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		return s.own.current(), nil
	}}
}

// Expires is when the server's certificate ends.
func (s *Server) Expires() time.Time { return s.own.current().Certificates[0].Leaf.NotAfter }

// server reads what a server has.
func (s settings) server() (*tls.Config, error) {
	c, roots, errs := s.read()
	wrong := func(about string) bool {
		return slices.ContainsFunc(errs, func(e config.KeyError) bool { return strings.HasPrefix(e.Key, s.prefix+about) })
	}
	if len(c.Certificates) == 0 && !wrong("ssl.keystore.") {
		errs = append(errs, s.wrong("ssl.keystore.location", fmt.Errorf("an https:// address needs a certificate: set it to "+
			"a file with the private key and the certificate chain, or set %sssl.keystore.key and "+
			"%[1]sssl.keystore.certificate.chain", s.prefix)))
	}
	auth := s.text(clientAuth)
	switch auth {
	case clientAuthRequested:
		c.ClientAuth = tls.VerifyClientCertIfGiven
	case clientAuthRequired:
		c.ClientAuth = tls.RequireAndVerifyClientCert
	}
	if c.ClientAuth != tls.NoClientCert && roots == nil && !wrong("ssl.truststore.") {
		errs = append(errs, s.wrong("ssl.truststore.location", fmt.Errorf("%s%s=%s needs it: a file of the certificate "+
			"authorities that issue the certificates of clients", s.prefix, clientAuth, auth)))
	}
	c.ClientCAs = roots
	return c, errs.OrNil()
}
