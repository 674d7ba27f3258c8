package client

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/suiro/suiro/connect/config"
)

// tlsConfig reads trust store and key store. What is wrong goes to errs.
func tlsConfig(v config.Values, errs *config.Errors) *tls.Config {
	c := &tls.Config{}
	c.MinVersion, c.MaxVersion = versionRange(v.List("ssl.enabled.protocols"))
	fail := func(key string, err error) {
		*errs = append(*errs, config.Errorf(key, shown(v, key), "%v", err))
	}
	if key, roots, err := trustStore(v); err != nil {
		fail(key, err)
	} else {
		c.RootCAs = roots
	}
	if key, certs, err := keyStore(v); err != nil {
		fail(key, err)
	} else {
		c.Certificates = certs
	}
	if v.String("ssl.endpoint.identification.algorithm") == "" {
		skipHostName(c)
	}
	return c
}

// shown is the value of a file or type key; the PEM texts are secrets.
func shown(v config.Values, key string) string {
	switch key {
	case "ssl.truststore.certificates", "ssl.keystore.certificate.chain", "ssl.keystore.key":
		return v.Password(key).String()
	}
	return v.String(key)
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

// trustStore returns nil roots for the system's. key names what is to blame
// for an error.
func trustStore(v config.Values) (key string, roots *x509.CertPool, err error) {
	text := []byte(v.Password("ssl.truststore.certificates"))
	location := v.String("ssl.truststore.location")
	key = "ssl.truststore.certificates"
	if len(text) == 0 && location != "" {
		key = "ssl.truststore.location"
		if text, err = readPEM(location, v.String("ssl.truststore.type"), "-nokeys"); err != nil {
			return key, nil, err
		}
	}
	if len(text) == 0 {
		return key, nil, nil
	}
	roots = x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		return key, nil, errors.New("holds no PEM certificate")
	}
	return key, roots, nil
}

// keyStore returns no certificate when none is configured.
func keyStore(v config.Values) (key string, certs []tls.Certificate, err error) {
	chain := []byte(v.Password("ssl.keystore.certificate.chain"))
	private := []byte(v.Password("ssl.keystore.key"))
	location := v.String("ssl.keystore.location")
	key = "ssl.keystore.key"
	switch {
	case location != "":
		key = "ssl.keystore.location"
		if chain, err = readPEM(location, v.String("ssl.keystore.type"), "-nodes"); err != nil {
			return key, nil, err
		}
		private = chain
	case len(chain) == 0 && len(private) == 0:
		return key, nil, nil
	case len(chain) == 0 || len(private) == 0:
		return key, nil, errors.New("ssl.keystore.key and ssl.keystore.certificate.chain must be set together")
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

// readPEM reads a PEM file and tells how to make one of a Java key store.
func readPEM(path, storeType, opensslFlag string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	isJKS := strings.EqualFold(storeType, "JKS") || bytes.HasPrefix(text, []byte{0xfe, 0xed, 0xfe, 0xed})
	isPKCS12 := strings.EqualFold(storeType, "PKCS12") || bytes.HasPrefix(text, []byte{0x30, 0x82})
	switch {
	case isJKS:
		return nil, fmt.Errorf("is a JKS key store, only PEM can be read: convert it with "+
			"`keytool -importkeystore -srckeystore %[1]s -destkeystore %[1]s.p12 -deststoretype PKCS12`, then "+
			"`openssl pkcs12 -in %[1]s.p12 -out %[1]s.pem %[2]s`, and set the type to PEM", path, opensslFlag)
	case isPKCS12:
		return nil, fmt.Errorf("is a PKCS12 key store, only PEM can be read: convert it with "+
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
