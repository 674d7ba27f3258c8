package cli

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// authority issues certificates.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string
}

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	a := &authority{t: t, key: newKey(t)}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.file = writeFile(t, name+".pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// issue writes a private key and a certificate of a name on this machine.
func (a *authority) issue(name string) (file string) {
	a.t.Helper()
	key := newKey(a.t)
	template := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name},
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
	return writeFile(a.t, name+".pem", string(text)+
		string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
}

// client trusts the authority, and shows the certificate in a file unless that is "".
func (a *authority) client(file string) *http.Client {
	a.t.Helper()
	conf := &tls.Config{RootCAs: x509.NewCertPool()}
	conf.RootCAs.AddCert(a.cert)
	if file != "" {
		cert, err := tls.LoadX509KeyPair(file, file)
		if err != nil {
			a.t.Fatal(err)
		}
		conf.Certificates = []tls.Certificate{cert}
	}
	transport := &http.Transport{TLSClientConfig: conf, DisableKeepAlives: true}
	return &http.Client{Transport: transport}
}

// ask returns the status of an answer, or 0 when the connection is refused.
func ask(t *testing.T, c *http.Client, method, url, body string) (status int, location string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := c.Do(r)
	if err != nil {
		return 0, ""
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, answer.Header.Get("Location")
}

// addresses starts a worker and returns where it listens, and what stops it.
func addresses(t *testing.T, file string, n int) (urls []string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	code, log := make(chan int, 1), &output{}
	go func() { code <- run(ctx, []string{"connect", "--config", file}, io.Discard, log) }()
	waitFor(t, "all addresses", log, func() bool { return strings.Count(log.String(), "rest api listens") == n })
	for _, found := range regexp.MustCompile(`"?rest api listens"? address=(\S+)`).FindAllStringSubmatch(log.String(), -1) {
		urls = append(urls, found[1])
	}
	return urls, func() {
		cancel()
		if got := <-code; got != 0 {
			t.Errorf("suiro connect = %d, want 0:\n%s", got, log)
		}
	}
}

func TestClientsLogInWithCertificates(t *testing.T) {
	ca, other := newAuthority(t, "authority"), newAuthority(t, "other")
	file := workerFile(t, startKafka(t), anyPort+",HTTPS://"+anyPort, "admin.listeners=https://"+anyPort,
		"listeners.https.ssl.keystore.location="+ca.issue("worker"), "listeners.https.ssl.truststore.location="+ca.file,
		"listeners.https.ssl.client.auth=requested", "admin.listeners.https.ssl.keystore.location="+ca.issue("admin"),
		"admin.listeners.https.ssl.client.auth=required", "admin.listeners.https.ssl.truststore.location="+ca.file,
		"rest.authentication=certificate", "rest.roles=ops=admin,viewer=read")
	urls, stop := addresses(t, file, 3)
	defer stop()
	plain, api, admin := urls[0], urls[1], urls[2]
	nobody, ops, viewer := ca.client(""), ca.client(ca.issue("ops")), ca.client(ca.issue("viewer"))
	stranger, stray := ca.client(other.issue("ops")), other.client(ca.issue("ops"))
	put := `{"connector.class":"FileStreamSource","topic":"t","file":"` + filepath.Join(t.TempDir(), "f") + `"}`
	for name, c := range map[string]struct {
		client      *http.Client
		method, url string
		want        int
	}{
		"admin creates": {ops, "PUT", api + "/connectors/a/config", 201}, "admin sees": {ops, "GET", api + "/connectors", 200},
		"reader sees": {viewer, "GET", api + "/connectors", 200}, "reader creates": {viewer, "PUT", api + "/connectors/b/config", 403},
		"nobody": {nobody, "GET", api + "/connectors", 401}, "nobody asks for health": {nobody, "GET", api + "/health", 200},
		"another authority's": {stranger, "GET", api + "/connectors", 401}, "trusts another": {stray, "GET", api + "/connectors", 0},
		"without TLS":       {ops, "GET", plain + "/connectors", 401},
		"HTTP to HTTPS":     {ops, "GET", strings.Replace(api, "https", "http", 1) + "/connectors", 400},
		"loggers":           {ops, "GET", admin + "/admin/loggers", 200},
		"loggers of nobody": {nobody, "GET", admin + "/admin/loggers", 0},
	} {
		status, location := ask(t, c.client, c.method, c.url, map[bool]string{true: put}[c.method == "PUT"])
		if status != c.want || status == 201 && location != api+"/connectors/a" {
			t.Errorf("%s: %d with Location %q, want %d", name, status, location, c.want)
		}
	}
}

// The keys of Kafka's clients are those of the REST API when it has none of its own.
func TestListenersHaveTheKeysOfClients(t *testing.T) {
	ca := newAuthority(t, "authority")
	file := workerFile(t, startKafka(t), anyPort, "admin.listeners=https://"+anyPort, "ssl.keystore.type=PEM",
		"ssl.keystore.password=none", "ssl.keystore.location="+ca.issue("worker"), "ssl.enabled.protocols=TLSv1.3")
	urls, stop := addresses(t, file, 2)
	defer stop()
	if status, _ := ask(t, ca.client(""), "GET", urls[1]+"/admin/loggers", ""); status != 200 {
		t.Errorf("GET %s/admin/loggers = %d, want 200", urls[1], status)
	}
}

func TestAllThatIsWrongWithHTTPSIsSaidAtOnce(t *testing.T) {
	jks := writeFile(t, "store.jks", "\xfe\xed\xfe\xed\x00\x00\x00\x02")
	out := &output{}
	file := workerFile(t, "127.0.0.1:1", anyPort+",https://"+anyPort, "admin.listeners=https://"+anyPort,
		"listeners.https.ssl.keystore.location=/no/such/file.pem", "listeners.https.ssl.client.auth=required",
		"admin.listeners.https.ssl.keystore.location="+jks, "admin.listeners.https.ssl.keystore.password=top-secret",
		"admin.listeners.https.ssl.trustore.location=x", "rest.advertised.listener=ftp")
	if code := run(t.Context(), []string{"connect", "--check", "--config", file}, out, out); code != 2 {
		t.Errorf("--check = %d, want 2", code)
	}
	text := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{
		"listeners.https.ssl.keystore.location: open /no/such/file.pem: no such file",
		"listeners.https.ssl.truststore.location: listeners.https.ssl.client.auth=required needs it",
		"admin.listeners.https.ssl.keystore.location: is a JKS store that is damaged",
		`did you mean "admin.listeners.https.ssl.truststore.location"?`,
		"rest.advertised.listener: String must be one of",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("--check does not say %q", want)
		}
	}
	if strings.Contains(text, "top-secret") || t.Failed() {
		t.Errorf("--check says:\n%s", out)
	}
}

func TestWhatHTTPSLacksIsSaid(t *testing.T) {
	for _, c := range []struct{ lines, want string }{
		{"admin.listeners=https://" + anyPort, "ssl.keystore.location: an https:// address needs a certificate"},
		{"rest.authentication=certificate|rest.roles=a=admin", "no client is asked for a certificate"},
		{"rest.advertised.listener=https", "none of listeners begins with https://"},
		{"ssl.client.auth=maybe", "ssl.client.auth: String must be one of: none, requested, required"},
	} {
		out := &output{}
		file := workerFile(t, "127.0.0.1:1", anyPort, strings.Split(c.lines, "|")...)
		if code := run(t.Context(), []string{"connect", "--check", "--config", file}, out, out); code != 2 ||
			!strings.Contains(strings.Join(strings.Fields(out.String()), " "), c.want) {
			t.Errorf("--check with %s = %d, want 2 with %q:\n%s", c.lines, code, c.want, out)
		}
	}
}
