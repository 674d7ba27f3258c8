package tlsconfig_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/kafka/tlsconfig"
)

// selfSigned returns a certificate of a name and its key, as PEM.
func selfSigned(t *testing.T, name string, ends time.Time) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: ends,
		DNSNames: []string{"example.com"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return encode("PRIVATE KEY", private) + encode("CERTIFICATE", der)
}

// replace puts a file in the place of another, as tools that renew certificates do.
func replace(t *testing.T, path, text string) {
	t.Helper()
	next := filepath.Join(t.TempDir(), "next")
	if err := errors.Join(os.WriteFile(next, []byte(text), 0o600), os.Rename(next, path)); err != nil {
		t.Fatal(err)
	}
}

// server reads every key with the prefix.
func server(t *testing.T, props map[string]string) *tlsconfig.Server {
	t.Helper()
	full := map[string]string{}
	for k, v := range props {
		full[prefix+k] = v
	}
	v, err := config.New(tlsconfig.ServerKeys(prefix)...).Parse(full)
	if err != nil {
		t.Fatal(err)
	}
	s, err := tlsconfig.NewServer(v, prefix)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// serve runs a server and returns who it says it is at a handshake with a client.
func serve(t *testing.T, conf *tls.Config) func(client *tls.Config) (name string, err error) {
	t.Helper()
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.TLS, s.Config.ErrorLog = conf, log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return func(client *tls.Config) (string, error) {
		client.InsecureSkipVerify = true
		transport := &http.Transport{TLSClientConfig: client, DisableKeepAlives: true}
		resp, err := (&http.Client{Transport: transport}).Get(s.URL)
		if err != nil {
			return "", err
		}
		return resp.TLS.PeerCertificates[0].Subject.CommonName, resp.Body.Close()
	}
}

func TestARenewedCertificateIsUsedWithoutARestart(t *testing.T) {
	ends := time.Now().Add(time.Hour).Truncate(time.Second)
	path := writeFile(t, selfSigned(t, "first", ends))
	s := server(t, map[string]string{"ssl.keystore.location": path})
	var failures []error
	ask := serve(t, s.Config(func(err error) { failures = append(failures, err) }))
	want := func(name string, failed int) {
		t.Helper()
		if got, err := ask(&tls.Config{}); got != name || err != nil || len(failures) != failed {
			t.Errorf("the server is %q, %v with failures %v, want %s and %d", got, err, failures, name, failed)
		}
	}
	want("first", 0)
	replace(t, path, selfSigned(t, "second", ends.Add(time.Minute)))
	want("second", 0)
	if got := s.Expires(); !got.Equal(ends.Add(time.Minute)) {
		t.Errorf("Expires = %v, want %v", got, ends.Add(time.Minute))
	}
	replace(t, path, "half a certifi")
	want("second", 1)
	want("second", 1)
	replace(t, path, selfSigned(t, "third", ends))
	want("third", 1)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	want("third", 2)
	if text := failures[1].Error(); !strings.Contains(text, "a.b.ssl.keystore.location") || !strings.Contains(text, "no such file") {
		t.Errorf("failure = %s, want the key and the reason", text)
	}
}

// A client shows its renewed certificate, and a server asks its renewed authorities.
func TestClientsAndTheirAuthoritiesAreRenewed(t *testing.T) {
	ends := time.Now().Add(time.Hour)
	one, two := selfSigned(t, "one", ends), selfSigned(t, "two", ends)
	trusted, own := writeFile(t, one), writeFile(t, one)
	ask := serve(t, server(t, map[string]string{"ssl.keystore.location": writeFile(t, one), "ssl.client.auth": "required",
		"ssl.truststore.location": trusted}).Config(nil))
	client, err := read(t, map[string]string{"ssl.keystore.location": own})
	if err != nil {
		t.Fatal(err)
	}
	want := func(ok bool) {
		t.Helper()
		if _, err := ask(client); (err == nil) != ok {
			t.Errorf("the server says %v, want success: %t", err, ok)
		}
	}
	want(true)
	replace(t, trusted, two)
	want(false)
	replace(t, own, two)
	want(true)
}

func TestCipherSuitesDecideTheVersions(t *testing.T) {
	const old, modern = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"
	for suites, want := range map[string]struct{ low, high uint16 }{
		"":                 {tls.VersionTLS12, tls.VersionTLS13},
		old:                {tls.VersionTLS12, tls.VersionTLS12},
		modern:             {tls.VersionTLS13, tls.VersionTLS13},
		old + "," + modern: {tls.VersionTLS12, tls.VersionTLS13},
	} {
		c, err := read(t, map[string]string{"ssl.cipher.suites": suites})
		if err != nil || c.MinVersion != want.low || c.MaxVersion != want.high {
			t.Errorf("%s: versions %x to %x, %v, want %x to %x", suites, c.MinVersion, c.MaxVersion, err, want.low, want.high)
		}
	}
	c, err := read(t, map[string]string{"ssl.cipher.suites": old})
	if want := tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384; err != nil || len(c.CipherSuites) != 1 || c.CipherSuites[0] != want {
		t.Errorf("suites = %v, %v, want one", c.CipherSuites, err)
	}
	def := config.New(tlsconfig.Keys(prefix)...)
	_, err = def.Parse(map[string]string{prefix + "ssl.cipher.suites": "TLS_DHE_RSA_WITH_AES_128_CBC_SHA"})
	if err == nil || !strings.Contains(err.Error(), "is a cipher suite that this program does not have: it has TLS_AES") {
		t.Errorf("Parse = %v, want what the program has", err)
	}
}

// Key stores of Java work as files of PEM do, whatever type is named.
func TestKeyStoresOfJava(t *testing.T) {
	folder := "internal/stores/testdata/"
	secret := map[string]string{"ssl.keystore.password": "store-pass", "ssl.truststore.password": "store-pass",
		"ssl.client.auth": "required"}
	for file, more := range map[string]map[string]string{
		"server.p12":    {"ssl.keystore.type": "PKCS12", "ssl.truststore.location": folder + "trust.p12"},
		"server.jks":    {"ssl.key.password": "key-pass-1", "ssl.truststore.location": folder + "trust.jks"},
		"encrypted.pem": {"ssl.key.password": "key-pass-1", "ssl.truststore.location": folder + "ca.pem"},
	} {
		props := map[string]string{"ssl.keystore.location": folder + file}
		maps.Copy(props, secret)
		maps.Copy(props, more)
		ask := serve(t, server(t, props).Config(nil))
		client, err := read(t, map[string]string{"ssl.keystore.location": folder + "server.p12",
			"ssl.keystore.password": "store-pass"})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := ask(client); got != "server" || err != nil {
			t.Errorf("%s: %q, %v, want server", file, got, err)
		}
	}
}
