package access

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// sessionKey is what the workers of a cluster share; "" is a worker that has none yet.
type sessionKey string

func (k sessionKey) Sign(text []byte) (string, []byte, error) {
	if k == "" {
		return "", nil, errors.New("no key yet")
	}
	mac := hmac.New(sha256.New, []byte(k))
	mac.Write(text)
	return "HmacSHA256", mac.Sum(nil), nil
}

func (k sessionKey) Verify(algorithm string, mac, text []byte) error {
	if _, want, err := k.Sign(text); err != nil || algorithm != "HmacSHA256" || !hmac.Equal(mac, want) {
		return errors.New("wrong signature")
	}
	return nil
}

// shows is a request of a client with a certificate, which TLS has verified.
func shows(r *http.Request, name string) {
	cert := &x509.Certificate{Subject: pkix.Name{CommonName: name}}
	r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{cert}, VerifiedChains: [][]*x509.Certificate{{cert}}}
}

// sendOn is what a follower makes of a request of a caller, for a leader that knows it by
// its certificate.
func sendOn(t *testing.T, c *Caller, method, path, body string) *http.Request {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	c.Vouch(r, []byte(body))
	shows(r, "worker")
	return r
}

// answer asks a leader, and returns the status, who it is for and the body that it got.
func answer(l *Lock, peers Signing, r *http.Request) (status int, caller, body string) {
	w := httptest.NewRecorder()
	l.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		caller, body = CallerOf(r.Context()).Name, string(text)
	}), peers).ServeHTTP(w, r)
	return w.Code, caller, body
}

// theCaller is who a follower takes the sender of a request for.
func theCaller(t *testing.T, l *Lock, peers Signing, name string) (c *Caller) {
	t.Helper()
	r := httptest.NewRequest("GET", "/connectors", nil)
	shows(r, name)
	l.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { c = CallerOf(r.Context()) }), peers).
		ServeHTTP(httptest.NewRecorder(), r)
	if c == nil {
		t.Fatalf("%s may not ask", name)
	}
	return c
}

const pause = "/connectors/a/pause?forward=true"

// A worker that sends a request on does not lend its own role to the caller.
func TestACallerStaysWhoItIsThroughAnotherWorker(t *testing.T) {
	key := sessionKey("secret")
	l := lock(t, "rest.authentication=certificate", "rest.roles=ops=operate,boss=admin,worker=admin")
	for name, c := range map[string]struct {
		caller, method, path string
		want                 int
	}{
		"operates":          {"ops", "PUT", pause, 200},
		"deletes":           {"ops", "DELETE", "/connectors/a?forward=true", 403},
		"deletes as a boss": {"boss", "DELETE", "/connectors/a?forward=true", 200},
	} {
		r := sendOn(t, theCaller(t, l, key, c.caller), c.method, c.path, "{}")
		status, caller, body := answer(l, key, r)
		if status != c.want || status == 200 && (caller != c.caller || body != "{}") {
			t.Errorf("%s: %d for %q with body %q, want %d for %s", name, status, caller, body, c.want, c.caller)
		}
	}
}

// The roles that came with a token are the caller's on the leader too.
func TestRolesOfATokenAreSentOn(t *testing.T) {
	key := sessionKey("secret")
	l := lock(t, "rest.authentication=certificate", "rest.roles=x=read")
	c := &Caller{Name: "ci", brought: []grant{{Admin, "a*"}}, peers: key}
	if status, caller, _ := answer(l, key, sendOn(t, c, "DELETE", "/connectors/a", "")); status != 200 || caller != "ci" {
		t.Errorf("DELETE of a = %d for %s, want 200 for ci", status, caller)
	}
	if status, _, _ := answer(l, key, sendOn(t, c, "DELETE", "/connectors/b", "")); status != 403 {
		t.Errorf("DELETE of b = %d, want 403", status)
	}
}

func TestWhatNoWorkerHasSignedIsRefused(t *testing.T) {
	key := sessionKey("secret")
	l := lock(t, "rest.authentication=certificate", "rest.roles=ops=operate,boss=admin,worker=admin")
	ops := theCaller(t, l, key, "ops")
	for name, change := range map[string]func(*http.Request){
		"another caller": func(r *http.Request) {
			said, _ := json.Marshal(onBehalf{Name: "boss", Time: time.Now().Unix()})
			r.Header.Set(callerHeader, base64.StdEncoding.EncodeToString(said))
		},
		"another method":  func(r *http.Request) { r.Method = "DELETE" },
		"another path":    func(r *http.Request) { r.URL.Path = "/connectors/b/pause" },
		"another body":    func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(`{"b":1}`)) },
		"no signature":    func(r *http.Request) { r.Header.Del(signatureHeader) },
		"another's key":   func(r *http.Request) { (&Caller{Name: "boss", peers: sessionKey("guess")}).Vouch(r, []byte("{}")) },
		"what is no JSON": func(r *http.Request) { r.Header.Set(callerHeader, "x") },
	} {
		r := sendOn(t, ops, "PUT", pause, "{}")
		change(r)
		if status, caller, _ := answer(l, key, r); status != 401 {
			t.Errorf("%s: %d for %q, want 401", name, status, caller)
		}
	}
	old := httptest.NewRequest("PUT", pause, nil)
	hash := sha256.Sum256(nil)
	said, _ := json.Marshal(onBehalf{Name: "boss", Time: time.Now().Add(-time.Hour).Unix(), Body: hash[:]})
	header := base64.StdEncoding.EncodeToString(said)
	_, mac, _ := key.Sign(signed("PUT", pause, header))
	old.Header.Set(callerHeader, header)
	old.Header.Set(signatureHeader, "HmacSHA256 "+base64.StdEncoding.EncodeToString(mac))
	if status, _, _ := answer(l, key, old); status != 401 {
		t.Errorf("an old request = %d, want 401", status)
	}
}

// Without a cluster the headers mean nothing, and without a key a request is sent on as
// that of the worker.
func TestAWorkerThatIsAloneTrustsNoHeader(t *testing.T) {
	l := lock(t, "rest.authentication=certificate", "rest.roles=ops=operate,worker=read")
	r := sendOn(t, &Caller{Name: "boss", brought: []grant{{Admin, "*"}}, peers: sessionKey("secret")}, "GET", "/connectors", "")
	if status, caller, _ := answer(l, nil, r); status != 200 || caller != "worker" {
		t.Errorf("GET = %d for %s, want 200 for worker", status, caller)
	}
	r = sendOn(t, theCaller(t, l, sessionKey(""), "ops"), "PUT", pause, "")
	if status, _, _ := answer(l, sessionKey("secret"), r); status != 403 || r.Header.Get(callerHeader) != "" {
		t.Errorf("PUT without a key = %d, want 403 for the worker's role", status)
	}
}

func FuzzVouched(f *testing.F) {
	f.Add([]byte(`{"name":"a","roles":["admin:*"],"body":"","time":1}`), "HmacSHA256 eA==")
	l := &Lock{grants: map[string][]grant{}, peers: sessionKey("secret")}
	f.Fuzz(func(t *testing.T, said []byte, signature string) {
		r := httptest.NewRequest("PUT", pause, bytes.NewReader(said))
		r.Header.Set(callerHeader, base64.StdEncoding.EncodeToString(said))
		r.Header.Set(signatureHeader, signature)
		if c, err := l.vouched(r); err == nil {
			t.Errorf("%s with %q is trusted as %s", said, signature, c.Name)
		}
	})
}
