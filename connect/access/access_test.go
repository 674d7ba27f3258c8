package access

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"golang.org/x/crypto/bcrypt"

	"github.com/suiro/suiro/connect/config"
)

// lock makes a lock of keys, each KEY=VALUE.
func lock(t *testing.T, props ...string) *Lock {
	t.Helper()
	l, err := New(values(t, props...))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func values(t *testing.T, props ...string) config.Values {
	t.Helper()
	given := map[string]string{}
	for _, p := range props {
		key, value, _ := strings.Cut(p, "=")
		given[key] = value
	}
	v, err := config.New(Keys()...).Parse(given)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// credentials writes a file of users whose passwords are their names backwards.
func credentials(t *testing.T, path string, names ...string) string {
	t.Helper()
	var text strings.Builder
	for _, name := range names {
		hash, err := bcrypt.GenerateFromPassword([]byte(backwards(name)), bcrypt.MinCost)
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString(name + ":" + string(hash) + "\n")
	}
	if path == "" {
		path = filepath.Join(t.TempDir(), "users")
	}
	if err := os.WriteFile(path, []byte("# users\n\n"+text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func backwards(s string) string {
	b := []byte(s)
	for i := range len(b) / 2 {
		b[i], b[len(b)-1-i] = b[len(b)-1-i], b[i]
	}
	return string(b)
}

// ask sends a request through a lock, and returns the status and who was let in.
func ask(l *Lock, method, target string, prepare func(*http.Request)) (status int, caller string) {
	w, r := httptest.NewRecorder(), httptest.NewRequest(method, target, nil)
	if prepare != nil {
		prepare(r)
	}
	l.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if c := CallerOf(r.Context()); c != nil {
			caller = c.Name
		}
	}), nil).ServeHTTP(w, r)
	return w.Code, caller
}

func as(name string) func(*http.Request) {
	return func(r *http.Request) { r.SetBasicAuth(name, backwards(name)) }
}

func TestWithoutALockEveryoneMayDoEverything(t *testing.T) {
	l := lock(t)
	if status, _ := ask(l, "DELETE", "/connectors/a", nil); l != nil || status != 200 {
		t.Errorf("status %d", status)
	}
	var c *Caller
	if !c.May(Admin, "a") || !c.MayAll(Admin) || !c.MaySome(Admin) {
		t.Error("anyone may not do everything")
	}
}

func TestRolesDecideWhatACallerMayDo(t *testing.T) {
	l := lock(t, "rest.authentication=basic",
		"rest.basic.credentials.file="+credentials(t, "", "reader", "operator", "admin", "orders", "nobody"),
		"rest.roles=reader=read,operator=operate,admin=ADMIN,orders=read:sales-?,orders=admin:orders-*")
	for _, tt := range []struct {
		method, path string
		may          string
	}{
		{"GET", "/", "reader operator admin orders"},
		{"GET", "/connectors", "reader operator admin orders"},
		{"HEAD", "/connectors", "reader operator admin orders"},
		{"GET", "/connectors/", "reader operator admin orders"},
		{"GET", "/openapi.json", "reader operator admin orders"},
		{"POST", "/connectors", "admin orders"},
		{"GET", "/connectors/orders-eu/config", "reader operator admin orders"},
		{"GET", "/connectors/sales-1", "reader operator admin orders"},
		{"GET", "/connectors/sales-10", "reader operator admin"},
		{"GET", "/connectors/b/config", "reader operator admin"},
		{"PUT", "/connectors/orders-eu/config", "admin orders"},
		{"PATCH", "/connectors/sales-1/config", "admin"},
		{"PUT", "/connectors/sales-1/pause", "operator admin"},
		{"PUT", "/connectors/orders-1/stop", "operator admin orders"},
		{"POST", "/connectors/b/restart", "operator admin"},
		{"POST", "/connectors/b/tasks/0/restart", "operator admin"},
		{"PUT", "/connectors/b/topics/reset", "operator admin"},
		{"GET", "/connectors/b/tap", "admin"}, // which shows records
		{"HEAD", "/connectors/orders-1/tap/", "admin orders"},
		{"DELETE", "/connectors/b", "admin"},
		{"DELETE", "/connectors/orders-1/offsets", "admin orders"},
		{"DELETE", "/connectors/b/pause", "admin"},
		{"POST", "/connectors/b/what/comes/next", "admin"},
		{"GET", "/connector-plugins", "reader operator admin orders"},
		{"PUT", "/connector-plugins/FileStreamSource/config/validate", "admin orders"},
		{"GET", "/admin/loggers", "reader operator admin"},
		{"PUT", "/admin/loggers/root", "admin"},
		{"GET", "/metrics", "reader operator admin"},
		{"POST", "/what/comes/next", "admin"},
		// One name, however it is written, and no other one by dots and slashes.
		{"GET", "/connectors/orders%2D1", "reader operator admin orders"},
		{"GET", "/connectors/orders-1%2Fb", "reader operator admin"}, // * does not match a slash
		{"GET", "/connectors/orders-1/../b", "admin"},
		{"GET", "/connectors/orders-1/%2e%2e/b", "admin"},
		{"GET", "//connectors/b", "admin"},
		{"GET", "/connectors//b", "admin"},
		{"PUT", "/connectors/orders-1/./../b/config", "admin"},
	} {
		for _, name := range []string{"reader", "operator", "admin", "orders", "nobody"} {
			want := http.StatusForbidden
			if strings.Contains(" "+tt.may+" ", " "+name+" ") {
				want = http.StatusOK
			}
			if status, caller := ask(l, tt.method, tt.path, as(name)); status != want || want == 200 && caller != name {
				t.Errorf("%s %s by %s: %d as %q, want %d", tt.method, tt.path, name, status, caller, want)
			}
		}
	}
}

func TestRequestsOfNobodyAreRefused(t *testing.T) {
	l := lock(t, "rest.authentication=basic", "rest.basic.credentials.file="+credentials(t, "", "admin"), "rest.roles=*=admin")
	for name, prepare := range map[string]func(*http.Request){
		"nothing": nil, "another name": as("root"),
		"a wrong password":     func(r *http.Request) { r.SetBasicAuth("admin", "admin") },
		"no password":          func(r *http.Request) { r.SetBasicAuth("admin", "") },
		"another scheme":       func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") },
		"what is not a scheme": func(r *http.Request) { r.Header.Set("Authorization", "Basic") },
	} {
		w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/connectors", nil)
		if prepare != nil {
			prepare(r)
		}
		l.Handler(http.NotFoundHandler(), nil).ServeHTTP(w, r)
		var body struct {
			Code    int `json:"error_code"`
			Message string
		}
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || w.Code != 401 || body.Code != 401 ||
			!strings.HasPrefix(body.Message, "User cannot access the resource") ||
			!strings.HasPrefix(w.Header().Get("WWW-Authenticate"), "Basic ") {
			t.Errorf("%s: %d %s %v", name, w.Code, w.Body, w.Header())
		}
	}
	for _, path := range []string{"GET /health", "GET /ready", "POST /connectors/a/tasks", "PUT /connectors/a/fence"} {
		method, path, _ := strings.Cut(path, " ")
		if status, _ := ask(l, method, path, nil); status != 200 {
			t.Errorf("%s %s: %d", method, path, status)
		}
	}
	for _, path := range []string{"PUT /health", "GET /healthy", "GET /connectors/a/tasks", "GET /health/x", "POST /connectors/a/b/tasks"} {
		method, path, _ := strings.Cut(path, " ")
		if status, _ := ask(l, method, path, nil); status != 401 {
			t.Errorf("%s %s: %d", method, path, status)
		}
	}
}

func TestUsersAreReadAgain(t *testing.T) {
	path := credentials(t, "", "old")
	l := lock(t, "rest.authentication=basic", "rest.basic.credentials.file="+path, "rest.roles=*=read")
	want := func(name string, status int) {
		t.Helper()
		if got, _ := ask(l, "GET", "/connectors", as(name)); got != status {
			t.Errorf("%s: %d, want %d", name, got, status)
		}
	}
	want("old", 200)
	want("old", 200) // from what is known
	credentials(t, path, "another")
	want("old", 401)
	want("another", 200)
	if err := os.WriteFile(path, []byte("what: is this"), 0o600); err != nil {
		t.Fatal(err)
	}
	want("another", 200)
}

// issuer signs tokens.
type issuer struct {
	key *ecdsa.PrivateKey
	set []byte
}

func newIssuer(t *testing.T, id string) *issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	set, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: id, Algorithm: "ES256", Use: "sig"}}})
	if err != nil {
		t.Fatal(err)
	}
	return &issuer{key, set}
}

func (i *issuer) token(t *testing.T, id string, claims map[string]any) func(*http.Request) {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: i.key},
		(&jose.SignerOptions{}).WithHeader("kid", id))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]any{"iss": "https://login.example.com", "aud": "connect", "sub": "ci",
		"exp": time.Now().Add(time.Hour).Unix()}
	for name, value := range claims {
		all[name] = value
	}
	text, err := jwt.Signed(signer).Claims(all).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+text) }
}

func TestTokensAreVerified(t *testing.T) {
	i, other := newIssuer(t, "1"), newIssuer(t, "1")
	path := filepath.Join(t.TempDir(), "jwks.json")
	if err := os.WriteFile(path, i.set, 0o600); err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		_, _ = w.Write(i.set) // the client may be gone
	}))
	defer server.Close()
	for _, place := range []string{path, server.URL} {
		l := lock(t, "rest.authentication=bearer", "rest.bearer.jwks="+place, "rest.bearer.issuer=https://login.example.com",
			"rest.bearer.audience=connect", "rest.bearer.roles.claim=groups", "rest.roles=ci=read")
		for name, tt := range map[string]struct {
			token  func(*http.Request)
			target string
			want   int
		}{
			"good":                {i.token(t, "1", nil), "GET /connectors", 200},
			"role of the worker":  {i.token(t, "1", nil), "DELETE /connectors/a", 403},
			"role of the token":   {i.token(t, "1", map[string]any{"groups": []string{"staff", "admin:a*"}}), "DELETE /connectors/a", 200},
			"another connector":   {i.token(t, "1", map[string]any{"groups": []string{"admin:a*"}}), "DELETE /connectors/b", 403},
			"role as text":        {i.token(t, "1", map[string]any{"groups": "staff operate"}), "PUT /connectors/b/stop", 200},
			"roles of no form":    {i.token(t, "1", map[string]any{"groups": map[string]any{"admin": true}}), "PUT /connectors/b/stop", 403},
			"nobody's role":       {i.token(t, "1", map[string]any{"sub": "you"}), "GET /connectors", 403},
			"another issuer":      {i.token(t, "1", map[string]any{"iss": "https://evil.example.com"}), "GET /connectors", 401},
			"another audience":    {i.token(t, "1", map[string]any{"aud": "mail"}), "GET /connectors", 401},
			"expired":             {i.token(t, "1", map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}), "GET /connectors", 401},
			"not yet":             {i.token(t, "1", map[string]any{"nbf": time.Now().Add(time.Hour).Unix()}), "GET /connectors", 401},
			"another key":         {other.token(t, "1", nil), "GET /connectors", 401},
			"no name":             {i.token(t, "1", map[string]any{"sub": ""}), "GET /connectors", 401},
			"everyone as a name":  {i.token(t, "1", map[string]any{"sub": "*"}), "GET /connectors", 401},
			"what is not a token": {func(r *http.Request) { r.Header.Set("Authorization", "Bearer a.b.c") }, "GET /connectors", 401},
			"a huge token": {func(r *http.Request) {
				r.Header.Set("Authorization", "Bearer "+strings.Repeat("a", 1<<20))
			}, "GET /connectors", 401},
			"no signature": {func(r *http.Request) {
				r.Header.Set("Authorization", "Bearer eyJhbGciOiJub25lIn0."+
					"eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUuY29tIiwiYXVkIjoiY29ubmVjdCIsInN1YiI6ImNpIiwiZXhwIjo0MTAyNDQ0ODAwfQ.")
			}, "GET /connectors", 401},
		} {
			method, target, _ := strings.Cut(tt.target, " ")
			if status, _ := ask(l, method, target, tt.token); status != tt.want {
				t.Errorf("%s, keys in %s: %d, want %d", name, place, status, tt.want)
			}
		}
	}
	if n := asked.Load(); n == 0 || n > 3 {
		t.Errorf("the issuer was asked for its keys %d times", n)
	}
}

func TestClientsAreKnownByTheirCertificates(t *testing.T) {
	l := lock(t, "rest.authentication=certificate", "rest.roles=ops=admin")
	ops := &x509.Certificate{Subject: pkix.Name{CommonName: "ops"}}
	verified := &tls.ConnectionState{PeerCertificates: []*x509.Certificate{ops}, VerifiedChains: [][]*x509.Certificate{{ops}}}
	for name, tt := range map[string]struct {
		state *tls.ConnectionState
		want  int
	}{
		"verified": {verified, 200}, "no TLS": {nil, 401}, "no certificate": {&tls.ConnectionState{}, 401},
		"not verified":   {&tls.ConnectionState{PeerCertificates: []*x509.Certificate{ops}}, 401},
		"without a name": {&tls.ConnectionState{VerifiedChains: [][]*x509.Certificate{{{}}}}, 401},
	} {
		if status, _ := ask(l, "DELETE", "/connectors/a", func(r *http.Request) { r.TLS = tt.state }); status != tt.want {
			t.Errorf("%s: %d, want %d", name, status, tt.want)
		}
	}
}

func TestAllThatIsWrongIsSaidAtOnce(t *testing.T) {
	for props, want := range map[string]string{
		"rest.authentication=basic|rest.roles=a=read":         "rest.basic.credentials.file",
		"rest.authentication=bearer|rest.roles=a=read":        "rest.bearer.jwks rest.bearer.issuer rest.bearer.audience",
		"rest.authentication=certificate":                     "rest.roles",
		"rest.roles=a=read":                                   "rest.authentication",
		"rest.authentication=certificate|rest.roles=a":        "NAME=ROLE",
		"rest.authentication=certificate|rest.roles=a=b":      "not a role",
		"rest.authentication=certificate|rest.roles=a=read:[": "not a pattern",
		"rest.authentication=bearer|rest.bearer.jwks=http://keys.example.com/|rest.bearer.issuer=i|rest.bearer.audience=a|rest.roles=a=read": "https://",
	} {
		l, err := New(values(t, strings.Split(props, "|")...))
		if err == nil {
			t.Errorf("%s: %v, want an error", props, l)
			continue
		}
		for _, text := range strings.Fields(want) {
			if !strings.Contains(err.Error(), text) {
				t.Errorf("%s: %v, want %q in it", props, err, text)
			}
		}
	}
	path := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(path, []byte("alice:secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := New(values(t, "rest.authentication=basic", "rest.roles=a=read", "rest.basic.credentials.file="+path))
	if err == nil || !strings.Contains(err.Error(), "line 1") || strings.Contains(err.Error(), "secret") {
		t.Errorf("a password in place of a hash: %v", err)
	}
}
