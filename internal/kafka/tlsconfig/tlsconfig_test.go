package tlsconfig_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/kafka/tlsconfig"
)

const prefix = "a.b."

// read gives every key the prefix.
func read(t *testing.T, props map[string]string) (*tls.Config, error) {
	t.Helper()
	full := map[string]string{}
	for k, v := range props {
		full[prefix+k] = v
	}
	v, err := config.New(tlsconfig.Keys(prefix)...).Parse(full)
	if err != nil {
		t.Fatalf("Parse(%v): %v", full, err)
	}
	return tlsconfig.New(v, prefix)
}

// start runs a server and returns its certificate, which is for example.com,
// and its key. The certificate serves as the client's too.
func start(t *testing.T, conf *tls.Config) (server *httptest.Server, certPEM, keyPEM string) {
	t.Helper()
	server = httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = conf
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // the clients that are refused
	server.StartTLS()
	t.Cleanup(server.Close)
	key, err := x509.MarshalPKCS8PrivateKey(server.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	return server, encode("CERTIFICATE", server.Certificate().Raw), encode("PRIVATE KEY", key)
}

func encode(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// get asks the server for a page as the host of that name.
func get(t *testing.T, server *httptest.Server, host string, props map[string]string) error {
	t.Helper()
	conf, err := read(t, props)
	if err != nil {
		t.Fatalf("New(%v): %v", props, err)
	}
	conf.ServerName = host
	transport := &http.Transport{TLSClientConfig: conf}
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport}).Get(server.URL)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func writeFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "store.pem")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestServerIsVerified(t *testing.T) {
	server, ca, _ := start(t, nil)
	file := writeFile(t, ca)
	for name, c := range map[string]struct {
		host  string
		props map[string]string
		want  string // "" for trusted
	}{
		"authority in a file": {"example.com", map[string]string{"ssl.truststore.location": file}, ""},
		"authority as text":   {"example.com", map[string]string{"ssl.truststore.certificates": ca}, ""},
		"unknown authority":   {"example.com", nil, "certificate"},
		"another name":        {"else.where", map[string]string{"ssl.truststore.location": file}, "else.where"},
		"another name, not compared": {"else.where", map[string]string{"ssl.truststore.location": file,
			"ssl.endpoint.identification.algorithm": ""}, ""},
		"unknown authority, name not compared": {"example.com",
			map[string]string{"ssl.endpoint.identification.algorithm": ""}, "certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			err := get(t, server, c.host, c.props)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("Get = %v, want %q in the error", err, c.want)
			}
		})
	}
}

func TestClientCertificateIsSent(t *testing.T) {
	server, cert, key := start(t, &tls.Config{ClientAuth: tls.RequireAnyClientCert})
	for name, c := range map[string]struct {
		props map[string]string
		ok    bool
	}{
		"none":  {map[string]string{}, false},
		"file":  {map[string]string{"ssl.keystore.location": writeFile(t, key+cert)}, true},
		"texts": {map[string]string{"ssl.keystore.key": key, "ssl.keystore.certificate.chain": cert}, true},
	} {
		t.Run(name, func(t *testing.T) {
			c.props["ssl.truststore.certificates"] = cert
			if err := get(t, server, "example.com", c.props); (err == nil) != c.ok {
				t.Errorf("Get = %v, want success: %v", err, c.ok)
			}
		})
	}
}

func TestVersions(t *testing.T) {
	for text, want := range map[string][2]uint16{
		"TLSv1.2,TLSv1.3": {tls.VersionTLS12, tls.VersionTLS13},
		"TLSv1.2":         {tls.VersionTLS12, tls.VersionTLS12},
		"TLSv1.3":         {tls.VersionTLS13, tls.VersionTLS13},
	} {
		c, err := read(t, map[string]string{"ssl.enabled.protocols": text})
		if err != nil {
			t.Fatal(err)
		}
		if got := [2]uint16{c.MinVersion, c.MaxVersion}; got != want {
			t.Errorf("%s: versions %x, want %x", text, got, want)
		}
	}
	c, err := read(t, nil)
	if err != nil || c.MinVersion != tls.VersionTLS12 || c.InsecureSkipVerify {
		t.Errorf("New without keys = %+v, %v, want TLS 1.2 and names compared", c, err)
	}
	def := config.New(tlsconfig.Keys(prefix)...)
	for _, text := range []string{"", "TLSv1.1", "TLSv1.1,TLSv1.2", "SSLv3"} {
		if _, err := def.Parse(map[string]string{prefix + "ssl.enabled.protocols": text}); err == nil {
			t.Errorf("Parse accepted ssl.enabled.protocols=%s", text)
		}
	}
}

func TestMistakesNameTheKeyAndTheRemedy(t *testing.T) {
	_, cert, key := start(t, nil)
	encrypted := encode("ENCRYPTED PRIVATE KEY", []byte("top-secret"))
	jks := writeFile(t, "\xfe\xed\xfe\xed\x00\x00\x00\x02")
	for _, c := range []struct {
		props     map[string]string
		key, want string
	}{
		{map[string]string{"ssl.truststore.location": "/nowhere.pem"}, "ssl.truststore.location", "no such file"},
		{map[string]string{"ssl.truststore.location": writeFile(t, "")}, "ssl.truststore.location", "no PEM certificate"},
		{map[string]string{"ssl.truststore.location": jks}, "ssl.truststore.location", "is damaged"},
		{map[string]string{"ssl.truststore.location": writeFile(t, "\x30\x82")}, "ssl.truststore.location", "PKCS12"},
		{map[string]string{"ssl.cipher.suites": "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ssl.enabled.protocols": "TLSv1.3"},
			"ssl.cipher.suites", "none of them is of a version in a.b.ssl.enabled.protocols"},
		{map[string]string{"ssl.truststore.certificates": "top-secret"}, "ssl.truststore.certificates", "no PEM certificate"},
		{map[string]string{"ssl.keystore.location": jks}, "ssl.keystore.location", "is damaged"},
		{map[string]string{"ssl.keystore.location": writeFile(t, cert)}, "ssl.keystore.location", "private key"},
		{map[string]string{"ssl.keystore.location": writeFile(t, key+cert), "ssl.keystore.key": "top-secret"},
			"ssl.keystore.location", "set either it or a.b.ssl.keystore.key"},
		{map[string]string{"ssl.keystore.location": writeFile(t, encrypted+cert)}, "ssl.keystore.location",
			"set a.b.ssl.key.password"},
		{map[string]string{"ssl.keystore.key": encrypted, "ssl.keystore.certificate.chain": cert},
			"ssl.keystore.key", "set a.b.ssl.key.password"},
		{map[string]string{"ssl.keystore.key": "top-secret", "ssl.keystore.certificate.chain": cert},
			"ssl.keystore.key", "key input"},
		{map[string]string{"ssl.keystore.key": key}, "ssl.keystore.key", "a.b.ssl.keystore.certificate.chain must be set"},
		{map[string]string{"ssl.keystore.certificate.chain": cert}, "ssl.keystore.key", "must be set together"},
	} {
		conf, err := read(t, c.props)
		var errs config.Errors
		if conf != nil || !errors.As(err, &errs) || len(errs) != 1 {
			t.Errorf("New(%v) = %v, %v, want one config.KeyError", c.props, conf, err)
			continue
		}
		if got := errs[0]; got.Key != prefix+c.key || !strings.Contains(got.Message, c.want) {
			t.Errorf("New(%v): %v, want %q for %s", c.props, got, c.want, prefix+c.key)
		}
		if text := err.Error(); strings.Contains(text, "top-secret") || strings.Contains(text, "-----") {
			t.Errorf("New = %v, which shows a secret", text)
		}
	}
}

func TestEveryMistakeIsReported(t *testing.T) {
	_, err := read(t, map[string]string{"ssl.truststore.certificates": "x", "ssl.keystore.key": "x"})
	var errs config.Errors
	errors.As(err, &errs)
	var got []string
	for _, e := range errs {
		got = append(got, e.Key)
	}
	if want := []string{"a.b.ssl.truststore.certificates", "a.b.ssl.keystore.key"}; !slices.Equal(got, want) {
		t.Errorf("keys = %v, want %v", got, want)
	}
}
