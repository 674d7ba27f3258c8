// Package stores reads what Kafka calls key stores and trust stores: PEM, and the binary
// forms of Java, JKS and PKCS12. What a file holds says which one it is.
package stores

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	keystore "github.com/pavlo-v-chernykh/keystore-go/v4"
	"github.com/youmark/pkcs8"
	pkcs12 "software.sslmate.com/src/go-pkcs12"
)

// Password opens a store, or a private key in it.
type Password struct {
	// Key is the name of its key, for errors, and Value is the password, "" for none.
	Key, Value string
}

// form is how a store is written.
type form string

const (
	formPEM    form = "PEM"
	formJKS    form = "JKS"
	formPKCS12 form = "PKCS12"
)

func formOf(text []byte) form {
	switch {
	case bytes.HasPrefix(text, []byte{0xfe, 0xed, 0xfe, 0xed}):
		return formJKS
	case bytes.HasPrefix(text, []byte{0x30}): // a sequence of ASN.1, and not a letter of PEM
		return formPKCS12
	}
	return formPEM
}

// PrivateKey reads a store with one private key and its certificate chain. key opens the
// private key; without one, store does.
func PrivateKey(text []byte, store, key Password) (_ tls.Certificate, err error) {
	defer damaged(&err)
	switch formOf(text) {
	case formJKS:
		return privateJKS(text, store, key)
	case formPKCS12:
		return privatePKCS12(text, store)
	}
	return PrivatePEM(text, text, key)
}

// PrivatePEM reads a private key and its certificate chain from PEM texts.
func PrivatePEM(chain, key []byte, password Password) (cert tls.Certificate, err error) {
	defer damaged(&err)
	for block, rest := pem.Decode(key); block != nil; block, rest = pem.Decode(rest) {
		switch {
		case strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED"):
			return cert, errors.New("holds a private key in an old encrypted form, which cannot be read: convert it with " +
				"`openssl pkcs8 -topk8 -in old.pem -out new.pem`")
		case block.Type == "ENCRYPTED PRIVATE KEY":
			if key, err = decrypt(block.Bytes, password); err != nil {
				return cert, err
			}
			return tls.X509KeyPair(chain, key)
		}
	}
	return tls.X509KeyPair(chain, key)
}

// decrypt returns a private key as PEM.
func decrypt(der []byte, password Password) ([]byte, error) {
	if password.Value == "" {
		return nil, fmt.Errorf("holds an encrypted private key: set %s", password.Key)
	}
	if err := affordable(der); err != nil {
		return nil, err
	}
	key, err := pkcs8.ParsePKCS8PrivateKey(der, []byte(password.Value))
	if err != nil {
		return nil, fmt.Errorf("holds a private key that %s does not open: correct the password, or decrypt the key with "+
			"`openssl pkey -in encrypted.pem -out plain.pem`", password.Key)
	}
	if der, err = x509.MarshalPKCS8PrivateKey(key); err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

func privateJKS(text []byte, store, key Password) (cert tls.Certificate, err error) {
	ks, err := openJKS(text, store)
	if err != nil {
		return cert, err
	}
	if key.Value == "" {
		key = store
	}
	var found []string
	for _, alias := range ks.Aliases() {
		if ks.IsPrivateKeyEntry(alias) {
			found = append(found, alias)
		}
	}
	if len(found) != 1 {
		return cert, fmt.Errorf("holds %d private keys, and must hold one: %s", len(found), strings.Join(found, ", "))
	}
	entry, err := ks.GetPrivateKeyEntry(found[0], []byte(key.Value))
	if err != nil {
		return cert, fmt.Errorf("holds a private key that %s does not open", key.Key)
	}
	for _, c := range entry.CertificateChain {
		cert.Certificate = append(cert.Certificate, c.Content)
	}
	if len(cert.Certificate) == 0 {
		return cert, errors.New("holds a private key without a certificate")
	}
	if cert.PrivateKey, err = x509.ParsePKCS8PrivateKey(entry.PrivateKey); err != nil {
		return cert, fmt.Errorf("read its private key: %w", err)
	}
	cert.Leaf, err = x509.ParseCertificate(cert.Certificate[0])
	return cert, err
}

func openJKS(text []byte, password Password) (keystore.KeyStore, error) {
	ks := keystore.New(keystore.WithOrderedAliases())
	if err := fits(text); err != nil {
		return ks, err
	}
	if password.Value == "" {
		return ks, needed(formJKS, password)
	}
	if err := ks.Load(bytes.NewReader(text), []byte(password.Value)); err != nil {
		return ks, unopened(formJKS, password, err)
	}
	return ks, nil
}

func privatePKCS12(text []byte, store Password) (cert tls.Certificate, err error) {
	key, leaf, chain, err := pkcs12.DecodeChain(text, store.Value)
	switch {
	case errors.Is(err, pkcs12.ErrIncorrectPassword) && store.Value == "":
		return cert, needed(formPKCS12, store)
	case err != nil:
		return cert, unopened(formPKCS12, store, err)
	}
	cert = tls.Certificate{PrivateKey: key, Leaf: leaf, Certificate: [][]byte{leaf.Raw}}
	for _, c := range chain {
		cert.Certificate = append(cert.Certificate, c.Raw)
	}
	return cert, nil
}

// Authorities reads a store of certificate authorities.
func Authorities(text []byte, store Password) (_ *x509.CertPool, err error) {
	defer damaged(&err)
	pool := x509.NewCertPool()
	switch formOf(text) {
	case formJKS:
		return pool, addJKS(pool, text, store)
	case formPKCS12:
		return pool, addPKCS12(pool, text, store)
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, errors.New("holds no PEM certificate")
	}
	return pool, nil
}

func addJKS(pool *x509.CertPool, text []byte, store Password) error {
	ks, err := openJKS(text, store)
	if err != nil {
		return err
	}
	n := 0
	for _, alias := range ks.Aliases() {
		if !ks.IsTrustedCertificateEntry(alias) {
			continue
		}
		entry, err := ks.GetTrustedCertificateEntry(alias)
		if err != nil {
			return fmt.Errorf("read its entry %s: %w", alias, err)
		}
		cert, err := x509.ParseCertificate(entry.Certificate.Content)
		if err != nil {
			return fmt.Errorf("read its certificate %s: %w", alias, err)
		}
		pool.AddCert(cert)
		n++
	}
	if n == 0 {
		return errNoAuthority
	}
	return nil
}

// errNoAuthority is of a store that vouches for nobody.
var errNoAuthority = errors.New("holds no certificate that is trusted: add one with `keytool -importcert`")

func addPKCS12(pool *x509.CertPool, text []byte, store Password) error {
	certs, err := pkcs12.DecodeTrustStore(text, store.Value)
	switch {
	case errors.Is(err, pkcs12.ErrIncorrectPassword) && store.Value == "":
		return needed(formPKCS12, store)
	case err != nil:
		return unopened(formPKCS12, store, err)
	case len(certs) == 0:
		return errNoAuthority
	}
	for _, c := range certs {
		pool.AddCert(c)
	}
	return nil
}

func needed(f form, password Password) error {
	return fmt.Errorf("is a %s store, which needs its password: set %s", f, password.Key)
}

// unopened is an error of a store that could not be read, because the password is wrong or
// the file is damaged.
func unopened(f form, password Password, err error) error {
	if errors.Is(err, pkcs12.ErrIncorrectPassword) || strings.Contains(err.Error(), "digest") {
		return fmt.Errorf("is a %s store, which %s does not open: correct the password", f, password.Key)
	}
	return fmt.Errorf("is a %s store, which cannot be read: %w", f, err)
}
