package tlsconfig

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"strings"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/kafka/tlsconfig/internal/stores"
	"github.com/suiro/suiro/internal/smallfile"
)

// New returns the configuration of a client that the values of [Keys] with the
// same prefix stand for. Files are read at once. The error, if any, is a
// [config.Errors] of every key that is wrong, by its full name.
func New(v config.Values, prefix string) (*tls.Config, error) {
	s := settings{v, prefix}
	c, roots, errs := s.read()
	if len(errs) > 0 {
		return nil, errs
	}
	c.RootCAs = roots
	if s.text("ssl.endpoint.identification.algorithm") == "" {
		skipHostName(c)
	}
	if path := s.text("ssl.keystore.location"); path != "" {
		own := &renewed{read: s.own, files: []string{path}, now: c, seen: lookOf([]string{path})}
		c.GetClientCertificate = own.clientCertificate
	}
	return c, nil
}

// own reads the certificate that a client shows.
func (s settings) own() (*tls.Config, error) {
	_, certs, err := s.keyStore()
	return &tls.Config{Certificates: certs}, err
}

// settings are values whose keys have a prefix; its methods take Kafka's name.
type settings struct {
	values config.Values
	prefix string
}

// read reads what both sides of a connection have. There is a configuration in any case.
func (s settings) read() (c *tls.Config, roots *x509.CertPool, errs config.Errors) {
	c = &tls.Config{MinVersion: tls.VersionTLS12}
	if low, high := versionRange(s.values.List(s.prefix + "ssl.enabled.protocols")); low > 0 {
		c.MinVersion, c.MaxVersion = low, high
	}
	limitSuites(c, s.values.List(s.prefix+"ssl.cipher.suites"))
	if c.MaxVersion > 0 && c.MaxVersion < c.MinVersion {
		key := s.prefix + "ssl.cipher.suites"
		errs = append(errs, config.Errorf(key, strings.Join(s.values.List(key), ","),
			"none of them is of a version in %sssl.enabled.protocols", s.prefix))
	}
	key, roots, err := s.trustStore()
	if err != nil {
		errs = append(errs, s.wrong(key, err))
	}
	key, c.Certificates, err = s.keyStore()
	if err != nil {
		errs = append(errs, s.wrong(key, err))
	}
	return c, roots, errs
}

func (s settings) text(key string) string { return s.values.String(s.prefix + key) }

func (s settings) secret(key string) []byte { return []byte(s.values.Password(s.prefix + key)) }

// wrong returns the error of a key. PEM texts are secrets and not shown.
func (s settings) wrong(key string, err error) config.KeyError {
	name, shown := s.prefix+key, ""
	switch key {
	case "ssl.truststore.certificates", "ssl.keystore.certificate.chain", "ssl.keystore.key":
		shown = s.values.Password(name).String()
	default:
		shown = s.text(key)
	}
	return config.Errorf(name, shown, "%v", err)
}

// skipHostName verifies the chain but not the name in the certificate, as an
// empty ssl.endpoint.identification.algorithm means.
func skipHostName(c *tls.Config) {
	roots := c.RootCAs
	c.InsecureSkipVerify = true
	c.VerifyConnection = func(state tls.ConnectionState) error {
		opts := x509.VerifyOptions{Roots: roots, Intermediates: x509.NewCertPool()}
		for _, cert := range state.PeerCertificates[1:] {
			opts.Intermediates.AddCert(cert)
		}
		_, err := state.PeerCertificates[0].Verify(opts)
		return err
	}
}

// trustStore returns nil roots when those of the system are to be used. key is the
// key that an error is about.
func (s settings) trustStore() (key string, roots *x509.CertPool, err error) {
	text := s.secret("ssl.truststore.certificates")
	location := s.text("ssl.truststore.location")
	key = "ssl.truststore.certificates"
	switch {
	case len(text) > 0:
	case location != "":
		key = "ssl.truststore.location"
		if text, err = smallfile.ReadRegular(location); err != nil {
			return key, nil, err
		}
	default:
		return key, nil, nil
	}
	roots, err = stores.Authorities(text, s.password("ssl.truststore.password"))
	return key, roots, err
}

// keyStore returns no certificate when none is configured.
func (s settings) keyStore() (key string, certs []tls.Certificate, err error) {
	chain := s.secret("ssl.keystore.certificate.chain")
	private := s.secret("ssl.keystore.key")
	location := s.text("ssl.keystore.location")
	key = "ssl.keystore.key"
	var cert tls.Certificate
	switch {
	case location != "" && len(chain)+len(private) > 0:
		return "ssl.keystore.location", nil, fmt.Errorf("set either it or %s and %s", s.prefix+"ssl.keystore.key",
			s.prefix+"ssl.keystore.certificate.chain")
	case location != "":
		key = "ssl.keystore.location"
		var text []byte
		if text, err = smallfile.ReadRegular(location); err == nil {
			cert, err = stores.PrivateKey(text, s.password("ssl.keystore.password"), s.password("ssl.key.password"))
		}
	case len(chain) == 0 && len(private) == 0:
		return key, nil, nil
	case len(chain) == 0 || len(private) == 0:
		return key, nil, fmt.Errorf("%s and %s must be set together", s.prefix+"ssl.keystore.key",
			s.prefix+"ssl.keystore.certificate.chain")
	default:
		cert, err = stores.PrivatePEM(chain, private, s.password("ssl.key.password"))
	}
	if err != nil {
		return key, nil, err
	}
	return key, []tls.Certificate{cert}, nil
}

func (s settings) password(key string) stores.Password {
	return stores.Password{Key: s.prefix + key, Value: string(s.secret(key))}
}
