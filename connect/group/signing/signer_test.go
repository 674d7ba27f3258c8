package signing_test

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/group/signing"
	"github.com/suiro/suiro/connect/herder"
)

func signer(t *testing.T, o signing.Options) *signing.Signer {
	t.Helper()
	s, err := signing.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// sign returns the headers of a signed request.
func sign(t *testing.T, s *signing.Signer, body string) (algorithm string, mac []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://a", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Sign(r, []byte(body)); err != nil {
		t.Fatal(err)
	}
	mac, err = base64.StdEncoding.DecodeString(r.Header.Get("X-Connect-Authorization"))
	if err != nil {
		t.Fatal(err)
	}
	return r.Header.Get("X-Connect-Request-Signature-Algorithm"), mac
}

func TestASignatureIsTheMacOfTheBody(t *testing.T) {
	s := signer(t, signing.Options{})
	s.SetKey(signing.Key{Secret: []byte("Jefe"), Algorithm: "HmacSHA256"}) // RFC 4231, test case 2
	algorithm, mac := sign(t, s, "what do ya want for nothing?")
	const want = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
	if got := hex.EncodeToString(mac); algorithm != "HmacSHA256" || got != want {
		t.Errorf("signature = %s %s, want HmacSHA256 %s", algorithm, got, want)
	}
}

func TestWorkersOfOneClusterBelieveEachOther(t *testing.T) {
	for _, algorithm := range []string{"HmacSHA1", "HmacSHA256", "HmacSHA384", "HmacSHA512"} {
		a := signer(t, signing.Options{KeyAlgorithm: algorithm, Algorithm: algorithm})
		b := signer(t, signing.Options{Accepted: []string{"HmacSHA256", strings.ToUpper(algorithm)}})
		k, err := a.NewKey()
		if err != nil {
			t.Fatal(err)
		}
		a.SetKey(k)
		b.SetKey(k)
		for _, body := range []string{"", "[{}]"} {
			name, mac := sign(t, a, body)
			if err := b.Verify(name, mac, []byte(body)); err != nil {
				t.Errorf("%s: Verify of %q = %v, want nil", algorithm, body, err)
			}
			if err := b.Verify(name, mac, []byte(body+" ")); !errors.Is(err, herder.ErrForbidden) {
				t.Errorf("%s: Verify of another body = %v, want ErrForbidden", algorithm, err)
			}
		}
	}
}

func TestAWrongSignatureHasKafkaConnectsError(t *testing.T) {
	ready, starting := signer(t, signing.Options{}), signer(t, signing.Options{})
	k, err := ready.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	ready.SetKey(k)
	for name, c := range map[string]struct {
		s         *signing.Signer
		algorithm string
		mac       []byte
		kind      error
		text      string
	}{
		"no algorithm":          {ready, "", []byte("x"), herder.ErrInvalid, "missing required signature"},
		"no mac":                {ready, "HmacSHA256", nil, herder.ErrInvalid, "missing required signature"},
		"algorithm not allowed": {ready, "HmacSHA1", []byte("x"), herder.ErrInvalid, "'HmacSHA1' key signing algorithm"},
		"unknown algorithm":     {ready, "rot13", []byte("x"), herder.ErrInvalid, "'rot13' key signing algorithm"},
		"no key yet":            {starting, "HmacSHA256", []byte("x"), herder.ErrStarting, "still starting up"},
		"wrong":                 {ready, "HmacSHA256", []byte("x"), herder.ErrForbidden, "invalid signature"},
		"empty":                 {ready, "HmacSHA256", []byte{}, herder.ErrForbidden, "invalid signature"},
	} {
		err := c.s.Verify(c.algorithm, c.mac, []byte("body"))
		if !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v, want %v with %q", name, err, c.kind, c.text)
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://a", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := starting.Sign(r, nil); !errors.Is(err, herder.ErrStarting) || len(r.Header) != 0 {
		t.Errorf("Sign without a key = %v and headers %v, want ErrStarting and none", err, r.Header)
	}
}

func TestAKeyIsReplacedWhenItIsOldOrOfAnotherKind(t *testing.T) {
	created := time.UnixMilli(1_700_000_000_000)
	key := func(algorithm string, bytes int) signing.Key {
		return signing.Key{Secret: make([]byte, bytes), Algorithm: algorithm, Created: created}
	}
	for name, c := range map[string]struct {
		o     signing.Options
		key   signing.Key
		at    time.Time
		never bool
	}{
		"none":              {signing.Options{TTL: time.Hour}, signing.Key{}, time.Time{}, false},
		"in time":           {signing.Options{TTL: time.Hour}, key("HmacSHA256", 32), created.Add(time.Hour), false},
		"no end":            {signing.Options{}, key("HmacSHA256", 32), time.Time{}, true},
		"another algorithm": {signing.Options{TTL: time.Hour}, key("HmacSHA512", 32), time.Time{}, false},
		"another length":    {signing.Options{TTL: time.Hour, KeyBits: 512}, key("HmacSHA256", 32), time.Time{}, false},
		"length of SHA1": {signing.Options{TTL: time.Hour, KeyAlgorithm: "HmacSHA1"}, key("HmacSHA1", 64),
			created.Add(time.Hour), false},
	} {
		s := signer(t, c.o)
		s.SetKey(c.key)
		if at, never := s.Due(); !at.Equal(c.at) || never != c.never {
			t.Errorf("%s: due %v, never %t, want %v, %t", name, at, never, c.at, c.never)
		}
	}
}

func TestANewKeyIsAsTheConfigurationAsks(t *testing.T) {
	for _, c := range []struct {
		algorithm string
		bits      int
		want      int
	}{{"HmacSHA256", 0, 32}, {"HmacSHA384", 0, 48}, {"HmacSHA512", 0, 64}, {"HmacSHA1", 0, 64}, {"HmacSHA256", 129, 17}} {
		a, err := signing.NewKey(c.algorithm, c.bits)
		b, _ := signing.NewKey(c.algorithm, c.bits)
		if err != nil || len(a.Secret) != c.want || a.Algorithm != c.algorithm || string(a.Secret) == string(b.Secret) {
			t.Errorf("NewKey(%s, %d) = %d bytes for %s, %v, want %d", c.algorithm, c.bits, len(a.Secret), a.Algorithm, err,
				c.want)
		}
		if got := fmt.Sprintf("%v %+v %#v", a, a, a); strings.Contains(got, "Hmac") || strings.Contains(got, "[") {
			t.Errorf("a key prints as %s, want dots", got)
		}
	}
}

func TestOptionsThatNothingCanBeMadeOfAreRefused(t *testing.T) {
	for _, o := range []signing.Options{{Algorithm: "MD5"}, {KeyAlgorithm: "AES"}, {Accepted: []string{"HmacSHA256", "x"}},
		{KeyBits: 39}} {
		if s, err := signing.New(o); err == nil {
			t.Errorf("New(%+v) = %v, want an error", o, s)
		}
	}
}
