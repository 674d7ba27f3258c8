package stores_test

import (
	"bytes"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/suiro/suiro/internal/kafka/tlsconfig/internal/stores"
)

func password(value string) stores.Password {
	return stores.Password{Key: "ssl.some.password", Value: value}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// The stores were made by keytool and openssl.
func TestAPrivateKeyIsRead(t *testing.T) {
	for name, c := range map[string]struct{ file, store, key, want string }{
		"PKCS12":                    {"server.p12", "store-pass", "", ""},
		"PKCS12 of openssl":         {"openssl.p12", "store-pass", "", ""},
		"JKS":                       {"server.jks", "store-pass", "key-pass-1", ""},
		"encrypted PEM":             {"encrypted.pem", "", "key-pass-1", ""},
		"PKCS12, no password":       {"server.p12", "", "", "is a PKCS12 store, which needs its password: set ssl.some.password"},
		"PKCS12, a wrong password":  {"server.p12", "other", "", "is a PKCS12 store, which ssl.some.password does not open"},
		"JKS, no password":          {"server.jks", "", "", "is a JKS store, which needs its password"},
		"JKS, a wrong password":     {"server.jks", "other", "", "is a JKS store, which ssl.some.password does not open"},
		"JKS, the key has another":  {"server.jks", "store-pass", "", "a private key that ssl.some.password does not open"},
		"JKS without a private key": {"trust.jks", "store-pass", "", "holds 0 private keys, and must hold one"},
		"PEM, no password":          {"encrypted.pem", "", "", "holds an encrypted private key: set ssl.some.password"},
		"PEM, a wrong password":     {"encrypted.pem", "", "other", "a private key that ssl.some.password does not open"},
		"PEM without a private key": {"ca.pem", "", "", "found a certificate rather than a key"},
	} {
		cert, err := stores.PrivateKey(read(t, c.file), password(c.store), password(c.key))
		switch {
		case c.want == "" && (err != nil || cert.Leaf.Subject.CommonName != "server"):
			t.Errorf("%s: %v, want the key of server", name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestAuthoritiesAreRead(t *testing.T) {
	for name, c := range map[string]struct{ file, store, want string }{
		"PEM": {"ca.pem", "", ""}, "JKS": {"trust.jks", "store-pass", ""}, "PKCS12": {"trust.p12", "store-pass", ""},
		"JKS, no password":         {"trust.jks", "", "is a JKS store, which needs its password"},
		"PKCS12, no password":      {"trust.p12", "", "is a PKCS12 store, which needs its password"},
		"PKCS12, a wrong password": {"trust.p12", "other", "is a PKCS12 store, which ssl.some.password does not open"},
		"JKS of a private key":     {"server.jks", "store-pass", "holds no certificate that is trusted"},
		"PEM of nothing":           {"../stores.go", "", "holds no PEM certificate"},
	} {
		pool, err := stores.Authorities(read(t, c.file), password(c.store))
		if c.want == "" && (err != nil || pool == nil) || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// A length in a file must not make the process take as much memory.
func TestALengthBeyondTheFileIsRefused(t *testing.T) {
	text := read(t, "trust.jks")
	at := bytes.Index(text, []byte("X.509")) + len("X.509")
	binary.BigEndian.PutUint32(text[at:], 1<<32-1)
	if _, err := stores.Authorities(text, password("store-pass")); err == nil || !strings.Contains(err.Error(), "is damaged") {
		t.Errorf("Authorities = %v, want that the file is damaged", err)
	}
}

// encryptedKey is an encrypted private key whose password is checked as params say.
func encryptedKey(t *testing.T, kdf asn1.ObjectIdentifier, params any, iv []byte) []byte {
	t.Helper()
	marshal := func(v any) asn1.RawValue {
		der, err := asn1.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return asn1.RawValue{FullBytes: der}
	}
	scheme := struct{ KDF, Cipher pkix.AlgorithmIdentifier }{pkix.AlgorithmIdentifier{Algorithm: kdf, Parameters: marshal(params)},
		pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}, Parameters: marshal(iv)}}
	key := struct {
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte
	}{pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}, Parameters: marshal(scheme)},
		make([]byte, 32)}
	return pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: marshal(key).FullBytes})
}

// A key may be sent as a part of a configuration: it must not decide how much time and
// memory is spent on it, or end the process.
func TestAPrivateKeyThatAsksForTooMuchIsRefused(t *testing.T) {
	type rounds struct {
		Salt  []byte
		Count int
	}
	type cost struct {
		Salt                  []byte
		Cost, Block, Parallel int
	}
	pbkdf2 := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	scrypt := asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11591, 4, 11}
	salt, iv := []byte("12345678"), make([]byte, 16)
	for name, c := range map[string]struct {
		kdf    asn1.ObjectIdentifier
		params any
		iv     []byte
		want   string
	}{
		"rounds":          {pbkdf2, rounds{salt, 1 << 40}, iv, "takes 1099511627776 rounds to check"},
		"memory":          {scrypt, cost{salt, 1 << 30, 8, 1}, iv, "encrypt it with at most 64 MiB of memory"},
		"memory by block": {scrypt, cost{salt, 1 << 14, 1 << 20, 1}, iv, "encrypt it with at most 64 MiB of memory"},
		"time":            {scrypt, cost{salt, 1 << 14, 8, 1 << 20}, iv, "encrypt it with at most 64 MiB of memory"},
		"no block":        {scrypt, cost{salt, 1 << 14, 0, 1}, iv, "encrypt it with at most 64 MiB of memory"},
		"a short IV":      {pbkdf2, rounds{salt, 2048}, iv[:3], "is damaged, or not whole"},
		"an honest one":   {scrypt, cost{salt, 1 << 14, 8, 1}, iv, "does not open"},
	} {
		_, err := stores.PrivatePEM(nil, encryptedKey(t, c.kdf, c.params, c.iv), password("key-pass-1"))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func FuzzStores(f *testing.F) {
	for _, name := range []string{"server.jks", "trust.jks", "server.p12", "trust.p12", "encrypted.pem", "ca.pem"} {
		text, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if cert, err := stores.PrivateKey(text, password("store-pass"), password("key-pass-1")); err == nil && cert.PrivateKey == nil {
			t.Error("a key store without a private key")
		}
		if pool, err := stores.Authorities(text, password("store-pass")); err == nil && pool == nil {
			t.Error("a trust store without authorities")
		}
	})
}
