//go:build integration

package cluster_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/client"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

// authority issues certificates of names.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	dir  string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	a := &authority{t: t, key: key, dir: t.TempDir()}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"},
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, cerr := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err := errors.Join(err, cerr); err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.write("authority", &pem.Block{Type: "CERTIFICATE", Bytes: der})
	return a
}

func (a *authority) write(name string, blocks ...*pem.Block) (file string) {
	a.t.Helper()
	var text strings.Builder
	for _, b := range blocks {
		text.Write(pem.EncodeToMemory(b))
	}
	file = filepath.Join(a.dir, name+".pem")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		a.t.Fatal(err)
	}
	return file
}

// issue writes a private key and a certificate of a name on this machine.
func (a *authority) issue(name string) (file string) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name},
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	private, kerr := x509.MarshalPKCS8PrivateKey(key)
	if err := errors.Join(err, kerr); err != nil {
		a.t.Fatal(err)
	}
	return a.write(name, &pem.Block{Type: "PRIVATE KEY", Bytes: private}, &pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// shows is how a client of a name connects.
func (a *authority) shows(name string) *tls.Config {
	a.t.Helper()
	file := a.issue(name)
	cert, err := tls.LoadX509KeyPair(file, file)
	if err != nil {
		a.t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(a.cert)
	return &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{cert}}
}

// Two workers speak HTTPS with each other, and clients show certificates. Whoever asks the
// follower may do there what it may do on the leader, although the workers themselves have
// no role; and what is asked of the leader for new tasks, and for fencing, arrives.
func TestWorkersAndClientsKnowEachOtherByCertificates(t *testing.T) {
	s, ca := newStage(t, kafkatest.Real(t)), newAuthority(t)
	asks := &http.Client{Transport: &http.Transport{TLSClientConfig: ca.shows("probe")}}
	secured := func(name string) *worker {
		w := s.worker(name, map[string]string{"exactly.once.source.support": "enabled",
			"listeners.https.ssl.keystore.location":   ca.issue(name),
			"listeners.https.ssl.truststore.location": filepath.Join(ca.dir, "authority.pem"),
			"listeners.https.ssl.client.auth":         "required", "rest.authentication": "certificate",
			"rest.roles": "boss=admin,ops=operate,probe=read"})
		w.edit("listeners=http://", "listeners=https://")
		w.scheme, w.client = "https", asks
		w.start()
		return w
	}
	a, b := secured("a"), secured("b")
	of := func(name string, w *worker) *client.Client {
		c, err := client.New([]string{"https://" + w.address}, &client.Options{TLS: ca.shows(name)})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	l := newLoad(s, 3, 1)
	l.create(of("boss", a), nil)
	s.shared(of("probe", a), l.units(), a.address, b.address)
	l.feed()
	l.create(of("boss", b), map[string]string{"batch.size": "7"}) // other tasks, after former ones are fenced
	s.shared(of("probe", b), l.units(), a.address, b.address)
	for _, w := range []*worker{a, b} {
		ops := of("ops", w)
		if err := errors.Join(ops.Pause(t.Context(), l.source(0)), ops.Resume(t.Context(), l.source(0))); err != nil {
			t.Errorf("ops, role operate, at %s: %v", w.name, err)
		}
		wantRefused(t, w, ops.Delete(t.Context(), l.source(0)))
		wantRefused(t, w, of("probe", w).Pause(t.Context(), l.source(0)))
		if got := forged(t, w, asks); got != http.StatusUnauthorized {
			t.Errorf("a request that says that it was sent on by a worker = %d at %s, want 401", got, w.name)
		}
	}
	if again, _ := l.arrived(); again > 0 {
		t.Errorf("%d lines came twice into topics, want none", again)
	}
}

func wantRefused(t *testing.T, w *worker, err error) {
	t.Helper()
	var e *client.Error
	if !errors.As(err, &e) || e.Status != http.StatusForbidden {
		t.Errorf("at %s: %v, want 403", w.name, err)
	}
}

// forged is the status of a request for an admin, as if another worker had sent it on.
func forged(t *testing.T, w *worker, asks *http.Client) int {
	t.Helper()
	r, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodDelete,
		w.scheme+"://"+w.address+"/connectors/none?forward=true", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Suiro-Caller", base64.StdEncoding.EncodeToString([]byte(`{"name":"boss"}`)))
	r.Header.Set("X-Suiro-Caller-Signature", "HmacSHA256 eA==")
	answer, err := asks.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}
