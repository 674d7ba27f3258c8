package kafka_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"maps"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

func parse(t *testing.T, props map[string]string) config.Values {
	t.Helper()
	v, err := kafka.Admin.Def().Parse(props)
	if err != nil {
		t.Fatalf("Parse(%v): %v", props, err)
	}
	return v
}

func start(t *testing.T, opts ...kfake.Opt) string {
	t.Helper()
	return kafkatest.Start(t, opts...).ListenAddrs()[0]
}

func check(t *testing.T, props map[string]string) error {
	t.Helper()
	opts, err := kafka.Admin.Options(parse(t, props), nil)
	if err != nil {
		t.Fatalf("Options(%v): %v", props, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	return kafka.Check(ctx, opts...)
}

// certificate makes a self-signed one for localhost.
func certificate(t *testing.T, host string) (certPEM, keyPEM []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
}

func serverTLS(t *testing.T, certPEM, keyPEM []byte) *tls.Config {
	t.Helper()
	cert, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}}
}

func writeFile(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const plainLogin = `org.apache.kafka.common.security.plain.PlainLoginModule required username="shop" password="right";`
const scramLogin = `org.apache.kafka.common.security.scram.ScramLoginModule required username="shop" password="right";`

func TestCheckConnectsWithEachKindOfSecurity(t *testing.T) {
	certPEM, keyPEM := certificate(t, "127.0.0.1")
	ca := writeFile(t, "ca.pem", certPEM)
	login := []kfake.Opt{kfake.EnableSASL(), kfake.Superuser("PLAIN", "shop", "right"),
		kfake.Superuser("SCRAM-SHA-256", "shop", "right"), kfake.Superuser("SCRAM-SHA-512", "shop", "right")}
	addrs := map[string]string{
		"PLAINTEXT":      start(t),
		"SASL_PLAINTEXT": start(t, login...),
		"SSL":            start(t, kfake.TLS(serverTLS(t, certPEM, keyPEM))),
		"SASL_SSL":       start(t, append(login, kfake.TLS(serverTLS(t, certPEM, keyPEM)))...),
	}
	for name, props := range map[string]map[string]string{
		"plaintext": {"security.protocol": "PLAINTEXT"},
		"plain": {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN",
			"sasl.jaas.config": plainLogin},
		"scram 256": {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "SCRAM-SHA-256",
			"sasl.username": "shop", "sasl.password": "right"},
		"scram 512 in tls": {"security.protocol": "SASL_SSL", "sasl.mechanism": "SCRAM-SHA-512",
			"sasl.jaas.config": scramLogin, "ssl.truststore.location": ca},
		"tls with the authority as text": {"security.protocol": "SSL", "ssl.truststore.certificates": string(certPEM)},
	} {
		t.Run(name, func(t *testing.T) {
			props = maps.Clone(props)
			props["bootstrap.servers"] = addrs[props["security.protocol"]]
			if err := check(t, props); err != nil {
				t.Errorf("Check(%v) = %v, want nil", props, err)
			}
		})
	}
}

func TestCheckSaysWhatToChange(t *testing.T) {
	certPEM, keyPEM := certificate(t, "elsewhere.example")
	ca := writeFile(t, "ca.pem", certPEM)
	localPEM, localKey := certificate(t, "127.0.0.1")
	local := start(t, kfake.TLS(serverTLS(t, localPEM, localKey)))
	plaintext := start(t)
	encrypted := start(t, kfake.TLS(serverTLS(t, certPEM, keyPEM)))
	guarded := start(t, kfake.EnableSASL(), kfake.Superuser("PLAIN", "shop", "right"))
	for name, c := range map[string]struct {
		props map[string]string
		want  []string
	}{
		"wrong password": {
			map[string]string{"bootstrap.servers": guarded, "security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN",
				"sasl.username": "shop", "sasl.password": "wrong"},
			[]string{guarded, "user name", "password", "PLAIN", "sasl.jaas.config"}},
		"login missing": {
			map[string]string{"bootstrap.servers": guarded},
			[]string{guarded, "security.protocol"}},
		"no broker there": {
			map[string]string{"bootstrap.servers": "127.0.0.1:1"},
			[]string{"127.0.0.1:1", "nothing listens there"}},
		"no such host": {
			map[string]string{"bootstrap.servers": "no-such-host.invalid:9092"},
			[]string{"no-such-host.invalid:9092", "host name is not known"}},
		"tls against a plaintext port": {
			map[string]string{"bootstrap.servers": plaintext, "security.protocol": "SSL"},
			[]string{plaintext, "security.protocol SSL"}},
		"a login with tls against a plaintext port": {
			map[string]string{"bootstrap.servers": plaintext, "security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN",
				"sasl.username": "shop", "sasl.password": "right"},
			[]string{plaintext, "security.protocol SASL_SSL"}},
		"a login with tls against a port that closes": {
			map[string]string{"bootstrap.servers": closing(t, false), "security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN",
				"sasl.username": "shop", "sasl.password": "right"},
			[]string{"security.protocol SASL_SSL", "listener with TLS"}},
		"a login with tls against a port that resets": {
			map[string]string{"bootstrap.servers": closing(t, true), "security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN",
				"sasl.username": "shop", "sasl.password": "right"},
			[]string{"security.protocol SASL_SSL", "listener with TLS"}},
		"plaintext against a tls port": {
			map[string]string{"bootstrap.servers": encrypted},
			[]string{encrypted, "security.protocol"}},
		"unknown authority": {
			map[string]string{"bootstrap.servers": local, "security.protocol": "SSL"},
			[]string{local, "unknown authority", "ssl.truststore.location"}},
		"other host name": {
			map[string]string{"bootstrap.servers": encrypted, "security.protocol": "SSL", "ssl.truststore.location": ca},
			[]string{encrypted, "another host name", "give the broker a certificate"}},
	} {
		t.Run(name, func(t *testing.T) {
			err := check(t, c.props)
			if err == nil {
				t.Fatalf("Check = nil, want an error with %q", c.want)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("Check = %v, want it to hold %q", err, want)
				}
			}
			encrypts := strings.HasSuffix(c.props["security.protocol"], "SSL")
			for _, weaker := range []string{"PLAINTEXT", "ssl.endpoint.identification.algorithm"} {
				if encrypts && strings.Contains(err.Error(), weaker) {
					t.Errorf("Check = %v, which advises to be less secure", err)
				}
			}
		})
	}
}

// closing returns the address of a server that closes or resets every connection, as someone in
// between could who wants the client to go without TLS.
func closing(t *testing.T, reset bool) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if reset {
				_ = c.(*net.TCPConn).SetLinger(0)
			}
			_ = c.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return l.Addr().String()
}

func TestCheckTakesTheFirstBrokerThatAnswers(t *testing.T) {
	addr := start(t)
	if err := check(t, map[string]string{"bootstrap.servers": "127.0.0.1:1," + addr}); err != nil {
		t.Errorf("Check = %v, want nil", err)
	}
}

// A broker is waited for that was there a moment ago.
func TestCheckOutlastsARestart(t *testing.T) {
	kafkatest.EachRestart(t, func(t *testing.T, addr string) {
		if err := check(t, map[string]string{"bootstrap.servers": addr}); err != nil {
			t.Errorf("Check = %v, want nil", err)
		}
	})
}

func TestOptionsReportsEveryBadKey(t *testing.T) {
	jks := writeFile(t, "trust.jks", []byte{0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2})
	encrypted := pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte{1}})
	v := parse(t, map[string]string{
		"bootstrap.servers": "kafka1:9092,kafka2", "security.protocol": "SASL_SSL",
		"sasl.mechanism":          "PLAIN",
		"sasl.jaas.config":        `ScramLoginModule required username="shop" password="top-secret";`,
		"ssl.truststore.location": jks, "ssl.keystore.key": string(encrypted), "ssl.keystore.certificate.chain": "x",
	})
	_, err := kafka.Admin.Options(v, nil)
	var errs config.Errors
	if !errors.As(err, &errs) {
		t.Fatalf("Options = %v, want config.Errors", err)
	}
	got := map[string]string{}
	for _, e := range errs {
		got[e.Key] = e.Error()
	}
	for key, want := range map[string]string{
		"bootstrap.servers":       "Invalid value kafka2 for configuration bootstrap.servers: must be host:port",
		"sasl.jaas.config":        "login module ScramLoginModule does not fit sasl.mechanism PLAIN",
		"ssl.truststore.location": "is a JKS store that is damaged, or not whole",
		"ssl.keystore.key":        "set ssl.key.password",
	} {
		if !strings.Contains(got[key], want) {
			t.Errorf("error for %s = %q, want it to hold %q", key, got[key], want)
		}
	}
	if strings.Contains(err.Error(), "top-secret") {
		t.Errorf("Options = %v, which shows the password", err)
	}
}

func TestOptionsNeedsALogin(t *testing.T) {
	_, err := kafka.Admin.Options(parse(t, map[string]string{"security.protocol": "SASL_PLAINTEXT"}), nil)
	for _, want := range []string{"sasl.mechanism", "sasl.jaas.config", "sasl.username and sasl.password"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Options = %v, want it to hold %q", err, want)
		}
	}
}

func TestRequestTimeoutReachesTheClient(t *testing.T) {
	opts, err := kafka.Admin.Options(parse(t, map[string]string{"request.timeout.ms": "1234", "client.id": "shop"}), nil)
	if err != nil {
		t.Fatal(err)
	}
	cl, err := kgo.NewClient(opts...)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	if got, want := cl.OptValue(kgo.RequestTimeoutOverhead), 1234*time.Millisecond; got != want {
		t.Errorf("request timeout = %v, want %v", got, want)
	}
}
