package elasticsearch

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"

	"github.com/suiro/suiro/connect/config"
)

// sslPrefix is in front of the TLS keys, as in the Java sink.
const sslPrefix = "elastic.https."

func securityKeys() []config.Key {
	store := config.OneOf(true, "PEM")
	noPEM := "only PEM is supported; convert with openssl or keytool"
	return grouped(groupSecurity,
		config.Key{Name: "elastic.security.protocol", Type: config.String, Default: "PLAINTEXT",
			Valid: config.OneOf(true, "PLAINTEXT", "SSL"), Importance: config.Medium,
			Doc: "`SSL` demands https in every `connection.url`; https alone is enough to use TLS."},
		config.Key{Name: sslPrefix + "ssl.truststore.type", Type: config.String, Default: "PEM", Valid: store,
			Importance: config.Medium, Doc: "Format of the trust store: " + noPEM + "."},
		config.Key{Name: sslPrefix + "ssl.truststore.location", Type: config.String, Importance: config.Medium,
			Doc: "File of the certificates to trust; the system's when neither it nor the next key is set."},
		config.Key{Name: sslPrefix + "ssl.truststore.certificates", Type: config.Password, Importance: config.Medium,
			Doc: "The certificates to trust, as text."},
		config.Key{Name: sslPrefix + "ssl.keystore.type", Type: config.String, Default: "PEM", Valid: store,
			Importance: config.Medium, Doc: "Format of the key store: " + noPEM + "."},
		config.Key{Name: sslPrefix + "ssl.keystore.location", Type: config.String, Importance: config.Medium,
			Doc: "File of the client's private key and certificate chain."},
		config.Key{Name: sslPrefix + "ssl.keystore.certificate.chain", Type: config.Password,
			Importance: config.Medium, Doc: "The client's certificate chain, as text."},
		config.Key{Name: sslPrefix + "ssl.keystore.key", Type: config.Password, Importance: config.Medium,
			Doc: "The client's private key, not encrypted, as text."},
		config.Key{Name: sslPrefix + "ssl.endpoint.identification.algorithm", Type: config.String, Default: "https",
			Valid: config.OneOf(true, "https", ""), Importance: config.Low,
			Doc: "Empty: do not check that the certificate names the host."},
		refused(sslPrefix+"ssl.truststore.password", "a PEM trust store has none"),
		refused(sslPrefix+"ssl.keystore.password", "a PEM key store has none"),
		refused(sslPrefix+"ssl.key.password", "store the private key without a password"),
		refused(sslPrefix+"ssl.cipher.suites", "Go's safe defaults are used"),
		refused(sslPrefix+"ssl.provider", "Go's TLS is used"),
	)
}

// tlsConfig reads the certificates that the keys name.
func tlsConfig(v config.Values) (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	roots, err := material(v, "ssl.truststore.certificates", "ssl.truststore.location")
	if err != nil {
		return nil, err
	}
	if len(roots) > 0 {
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(roots) {
			return nil, fmt.Errorf("%sssl.truststore: no PEM certificate found in it", sslPrefix)
		}
	}
	if c.Certificates, err = clientCertificate(v); err != nil {
		return nil, err
	}
	if v.String(sslPrefix+"ssl.endpoint.identification.algorithm") == "" {
		trustAnyName(c)
	}
	return c, nil
}

func clientCertificate(v config.Values) ([]tls.Certificate, error) {
	chain, err := material(v, "ssl.keystore.certificate.chain", "ssl.keystore.location")
	if err != nil || len(chain) == 0 {
		return nil, err
	}
	key := []byte(v.Password(sslPrefix + "ssl.keystore.key"))
	if len(key) == 0 {
		key = chain
	}
	cert, err := tls.X509KeyPair(chain, key)
	if err != nil {
		return nil, fmt.Errorf("%sssl.keystore: read the client's key and certificate: %w", sslPrefix, err)
	}
	return []tls.Certificate{cert}, nil
}

// material returns the text of one key, else the content of the file another names.
func material(v config.Values, text, location string) ([]byte, error) {
	if s := v.Password(sslPrefix + text); s != "" {
		return []byte(s), nil
	}
	path := v.String(sslPrefix + location)
	if path == "" {
		return nil, nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s%s: %w", sslPrefix, location, err)
	}
	return b, nil
}

// trustAnyName keeps the check of the chain and leaves out that of the name,
// which Go does only together.
func trustAnyName(c *tls.Config) {
	c.InsecureSkipVerify = true
	c.VerifyConnection = func(s tls.ConnectionState) error {
		opts := x509.VerifyOptions{Roots: c.RootCAs, Intermediates: x509.NewCertPool()}
		for _, cert := range s.PeerCertificates[1:] {
			opts.Intermediates.AddCert(cert)
		}
		_, err := s.PeerCertificates[0].Verify(opts)
		return err
	}
}
