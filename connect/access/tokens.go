package access

import (
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"

	"github.com/suiro/suiro/connect/config"
)

const (
	// askWait is how long the issuer may take to answer.
	askWait = 10 * time.Second
	// askPause is how long keys are not asked for after they were: whoever sends tokens with
	// keys that do not exist must not make this worker ask the issuer all the time.
	askPause = 5 * time.Second
	// maxKeys bounds the answer of the issuer, in bytes.
	maxKeys = 1 << 20
	// maxToken bounds a token, in bytes.
	maxToken = 16 << 10
)

// algorithms are those of signatures with a public key.
var algorithms = []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.PS256,
	oidc.PS384, oidc.PS512, oidc.EdDSA}

var (
	errToken = errors.New("the token is not valid for this worker")
	errAgain = errors.New("the keys of the issuer were asked for a moment ago")
)

// tokens identifies callers by JSON Web Tokens.
type tokens struct {
	verifier    *oidc.IDTokenVerifier
	name, roles string // claims
}

func newTokens(v config.Values) (method, config.Errors) {
	var errs config.Errors
	for _, key := range []string{"rest.bearer.jwks", "rest.bearer.issuer", "rest.bearer.audience"} {
		if v.String(key) == "" {
			errs = append(errs, config.Errorf(key, "", "is needed by rest.authentication=bearer"))
		}
	}
	if len(errs) > 0 {
		return nil, errs
	}
	keys, err := keySet(v.String("rest.bearer.jwks"))
	if err != nil {
		return nil, config.Errors{config.Errorf("rest.bearer.jwks", v.String("rest.bearer.jwks"), "%v", err)}
	}
	return &tokens{
		verifier: oidc.NewVerifier(v.String("rest.bearer.issuer"), keys,
			&oidc.Config{ClientID: v.String("rest.bearer.audience"), SupportedSigningAlgs: algorithms}),
		name: v.String("rest.bearer.name.claim"), roles: v.String("rest.bearer.roles.claim"),
	}, nil
}

// keySet returns the keys in a file or at a URL.
func keySet(place string) (oidc.KeySet, error) {
	if !strings.Contains(place, "://") {
		file, err := watch(place, parseKeys)
		if err != nil {
			return nil, err
		}
		return fileKeys{file}, nil
	}
	u, err := url.Parse(place)
	if err != nil {
		return nil, err
	}
	if host := u.Hostname(); u.Scheme != "https" && !(u.Scheme == "http" && (host == "localhost" || host == "127.0.0.1")) {
		return nil, errors.New("must be a file or an https:// URL: keys that come without TLS can be anyone's")
	}
	client := &http.Client{Timeout: askWait, Transport: &patient{next: http.DefaultTransport}}
	return oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), client), place), nil
}

// fileKeys are keys in a file.
type fileKeys struct{ file *watched[[]crypto.PublicKey] }

func (k fileKeys) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	return (&oidc.StaticKeySet{PublicKeys: k.file.get()}).VerifySignature(ctx, token)
}

func parseKeys(text []byte) ([]crypto.PublicKey, error) {
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(text, &set); err != nil {
		return nil, fmt.Errorf("not a JSON Web Key Set: %w", err)
	}
	var keys []crypto.PublicKey
	for _, k := range set.Keys {
		if k.Valid() && k.IsPublic() {
			keys = append(keys, k.Key)
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("has no public key in \"keys\"")
	}
	return keys, nil
}

// patient asks now and then only, and bounds the answers.
type patient struct {
	next http.RoundTripper

	mu    sync.Mutex
	asked time.Time
}

// RoundTrip implements [http.RoundTripper].
func (p *patient) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	early := time.Since(p.asked) < askPause
	if !early {
		p.asked = time.Now()
	}
	p.mu.Unlock()
	if early {
		return nil, errAgain
	}
	resp, err := p.next.RoundTrip(r)
	if err == nil {
		resp.Body = http.MaxBytesReader(nil, resp.Body, maxKeys)
	}
	return resp, err
}

func (t *tokens) challenge() string { return `Bearer realm="Kafka Connect"` }

func (t *tokens) identify(r *http.Request) (string, []grant, error) {
	scheme, raw, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", nil, errNone
	}
	if len(raw) > maxToken {
		return "", nil, errToken
	}
	token, err := t.verifier.Verify(r.Context(), strings.TrimSpace(raw))
	var late *oidc.TokenExpiredError
	if errors.As(err, &late) {
		return "", nil, errors.New("the token has expired")
	}
	if err != nil {
		return "", nil, errToken // the reason may show what is in the token
	}
	claims := map[string]any{}
	if err := token.Claims(&claims); err != nil {
		return "", nil, errToken
	}
	name, _ := claims[t.name].(string)
	if name == "" || name == everything {
		return "", nil, fmt.Errorf("the token has no name in its claim %s", t.name)
	}
	return name, grantsOf(claims[t.roles]), nil
}

// grantsOf are the roles in a claim: a list of texts, or one text with spaces between.
func grantsOf(claim any) []grant {
	var texts []string
	switch claim := claim.(type) {
	case string:
		texts = strings.Fields(claim)
	case []any:
		for _, each := range claim {
			if text, ok := each.(string); ok {
				texts = append(texts, text)
			}
		}
	}
	var grants []grant
	for _, text := range texts {
		if g, err := parseGrant(text); err == nil {
			grants = append(grants, g)
		}
	}
	return grants
}
