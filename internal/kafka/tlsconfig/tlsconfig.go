package tlsconfig

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect/config"
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
	return c, nil
}

// NewServer returns the configuration of a server that the values of [ServerKeys] with the
// same prefix stand for; otherwise it is as New.
func NewServer(v config.Values, prefix string) (*tls.Config, error) {
	s := settings{v, prefix}
	c, roots, errs := s.read()
	wrong := func(about string) bool {
		return slices.ContainsFunc(errs, func(e config.KeyError) bool { return strings.HasPrefix(e.Key, prefix+about) })
	}
	if len(c.Certificates) == 0 && !wrong("ssl.keystore.") {
		errs = append(errs, s.wrong("ssl.keystore.location", fmt.Errorf("an https:// address needs a certificate: set it to "+
			"a PEM file with the private key and the certificate chain, or set %sssl.keystore.key and "+
			"%[1]sssl.keystore.certificate.chain", prefix)))
	}
	auth := s.text(clientAuth)
	switch auth {
	case clientAuthRequested:
		c.ClientAuth = tls.VerifyClientCertIfGiven
	case clientAuthRequired:
		c.ClientAuth = tls.RequireAndVerifyClientCert
	}
	if c.ClientAuth != tls.NoClientCert && roots == nil && !wrong("ssl.truststore.") {
		errs = append(errs, s.wrong("ssl.truststore.location", fmt.Errorf("%s%s=%s needs it: a PEM file of the certificate "+
			"authorities that issue the certificates of clients", prefix, clientAuth, auth)))
	}
	if len(errs) > 0 {
		return nil, errs
	}
	c.ClientCAs = roots
	return c, nil
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
		if text, err = readPEM(location, s.text("ssl.truststore.type"), "-nokeys"); err != nil {
			return key, nil, err
		}
	default:
		return key, nil, nil
	}
	roots = x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		return key, nil, errors.New("holds no PEM certificate")
	}
	return key, roots, nil
}

// keyStore returns no certificate when none is configured.
func (s settings) keyStore() (key string, certs []tls.Certificate, err error) {
	chain := s.secret("ssl.keystore.certificate.chain")
	private := s.secret("ssl.keystore.key")
	location := s.text("ssl.keystore.location")
	key = "ssl.keystore.key"
	switch {
	case location != "" && len(chain)+len(private) > 0:
		return "ssl.keystore.location", nil, fmt.Errorf("set either it or %s and %s", s.prefix+"ssl.keystore.key",
			s.prefix+"ssl.keystore.certificate.chain")
	case location != "":
		key = "ssl.keystore.location"
		if chain, err = readPEM(location, s.text("ssl.keystore.type"), "-nodes"); err != nil {
			return key, nil, err
		}
		private = chain
	case len(chain) == 0 && len(private) == 0:
		return key, nil, nil
	case len(chain) == 0 || len(private) == 0:
		return key, nil, fmt.Errorf("%s and %s must be set together", s.prefix+"ssl.keystore.key",
			s.prefix+"ssl.keystore.certificate.chain")
	}
	if err := refuseEncrypted(private); err != nil {
		return key, nil, err
	}
	cert, err := tls.X509KeyPair(chain, private)
	if err != nil {
		return key, nil, err
	}
	return key, []tls.Certificate{cert}, nil
}

// readPEM reads a PEM file. The error says how to convert a Java key store.
func readPEM(path, storeType, opensslFlag string) ([]byte, error) {
	text, err := smallfile.ReadRegular(path)
	if err != nil {
		return nil, err
	}
	isJKS := strings.EqualFold(storeType, "JKS") || bytes.HasPrefix(text, []byte{0xfe, 0xed, 0xfe, 0xed})
	isPKCS12 := strings.EqualFold(storeType, "PKCS12") || bytes.HasPrefix(text, []byte{0x30, 0x82})
	switch {
	case isJKS:
		return nil, fmt.Errorf("is a JKS key store, and only PEM can be read: convert it with "+
			"`keytool -importkeystore -srckeystore %[1]s -destkeystore %[1]s.p12 -deststoretype PKCS12`, then "+
			"`openssl pkcs12 -in %[1]s.p12 -out %[1]s.pem %[2]s`, and set the type to PEM", path, opensslFlag)
	case isPKCS12:
		return nil, fmt.Errorf("is a PKCS12 key store, and only PEM can be read: convert it with "+
			"`openssl pkcs12 -in %[1]s -out %[1]s.pem %[2]s` and set the type to PEM", path, opensslFlag)
	}
	return text, nil
}

func refuseEncrypted(text []byte) error {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "ENCRYPTED PRIVATE KEY" || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED") {
			return errors.New("holds an encrypted private key, which cannot be read: " +
				"decrypt it with `openssl pkey -in encrypted.pem -out plain.pem` and keep the file readable by its owner only")
		}
	}
	return nil
}
