package access

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"golang.org/x/crypto/bcrypt"

	"github.com/suiro/suiro/connect/config"
)

// atOnce is how many passwords are compared at a time: each takes a core for a while,
// by intention.
const atOnce = 2

var errPassword = errors.New("the name or the password is wrong")

// passwords identifies callers by names and passwords.
type passwords struct {
	file  *watched[map[string][]byte] // hashes by name
	turns chan struct{}
	salt  [16]byte

	mu    sync.Mutex
	known map[string]known
}

// known is a password that was right, so that it need not be compared slowly with each
// request.
type known struct {
	hash string
	sum  [sha256.Size]byte
}

func newPasswords(v config.Values) (method, config.Errors) {
	const key = "rest.basic.credentials.file"
	path := v.String(key)
	if path == "" {
		return nil, config.Errors{config.Errorf(key, "", "is needed by rest.authentication=basic")}
	}
	file, err := watch(path, parseCredentials)
	if err != nil {
		return nil, config.Errors{config.Errorf(key, path, "%v", err)}
	}
	p := &passwords{file: file, turns: make(chan struct{}, atOnce), known: map[string]known{}}
	_, _ = rand.Read(p.salt[:]) // never fails
	return p, nil
}

// parseCredentials parses lines of NAME:HASH; those that are empty or begin with # are
// skipped. Errors name lines and show nothing of them.
func parseCredentials(text []byte) (map[string][]byte, error) {
	users := map[string][]byte{}
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, hash, _ := strings.Cut(line, ":")
		if _, err := bcrypt.Cost([]byte(hash)); err != nil || name == "" {
			return nil, fmt.Errorf("line %d is not NAME:HASH with a bcrypt hash, as htpasswd -nB NAME prints it", i+1)
		}
		if users[name] != nil {
			return nil, fmt.Errorf("line %d has a name that stands in a line before", i+1)
		}
		users[name] = []byte(hash)
	}
	if len(users) == 0 {
		return nil, errors.New("names no user: add a line NAME:HASH, as htpasswd -nB NAME prints it")
	}
	return users, nil
}

func (p *passwords) challenge() string { return `Basic realm="Kafka Connect", charset="UTF-8"` }

func (p *passwords) identify(r *http.Request) (string, []grant, error) {
	name, password, ok := r.BasicAuth()
	if !ok {
		return "", nil, errNone
	}
	users := p.file.get()
	hash := users[name]
	sum := sha256.Sum256(append(p.salt[:len(p.salt):len(p.salt)], password...))
	if hash != nil && p.wasRight(name, hash, sum) {
		return name, nil, nil
	}
	select {
	case p.turns <- struct{}{}:
		defer func() { <-p.turns }()
	case <-r.Context().Done():
		return "", nil, r.Context().Err()
	}
	if hash == nil {
		for _, any := range users { // takes as long as for a name that there is
			_ = bcrypt.CompareHashAndPassword(any, []byte(password))
			break
		}
		return "", nil, errPassword
	}
	if err := bcrypt.CompareHashAndPassword(hash, []byte(password)); err != nil {
		return "", nil, errPassword
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.known[name] = known{string(hash), sum}
	return name, nil, nil
}

// wasRight reports whether the password was right before, with the same hash.
func (p *passwords) wasRight(name string, hash []byte, sum [sha256.Size]byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	k, ok := p.known[name]
	return ok && k.hash == string(hash) && subtle.ConstantTimeCompare(k.sum[:], sum[:]) == 1
}
