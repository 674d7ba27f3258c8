// Package signing signs what the workers of a Connect cluster ask of each other, and
// checks it, in Kafka Connect's way: so do Java workers of the same cluster.
//
// A request carries the MAC of its body in the header X-Connect-Authorization, in
// base64, and the name of the MAC's algorithm in X-Connect-Request-Signature-Algorithm.
// The key is the session key of the cluster. The leader makes a new one when there is
// none, when it is older than inter.worker.key.ttl.ms, and when it is not of the kind
// that its configuration asks for, and writes it to the config topic; every worker has
// it from there:
//
//	leader     Due ─▶ NewKey ─▶ config topic
//	everybody               config topic ─▶ SetKey
//
// A signature says that the sender can read the config topic. It covers neither the
// path nor the time of a request, as in Kafka Connect: whoever can read what workers
// send to each other can send it again.
package signing

import (
	"crypto/hmac"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/suiro/suiro/connect/herder"
)

// The headers of a signed request.
const (
	// SignatureHeader has the MAC of the body in base64.
	SignatureHeader = "X-Connect-Authorization"
	// AlgorithmHeader has the name of the MAC's algorithm in Java.
	AlgorithmHeader = "X-Connect-Request-Signature-Algorithm"
)

// Options are the keys inter.worker.* of a worker's configuration.
type Options struct {
	// KeyAlgorithm is what new keys are made for. Default HmacSHA256.
	KeyAlgorithm string
	// KeyBits is the length of new keys; 0 is Java's for the algorithm.
	KeyBits int
	// TTL is the age after which a key is replaced. Default: never.
	TTL time.Duration
	// Algorithm is what this worker signs with. Default HmacSHA256.
	Algorithm string
	// Accepted are the algorithms whose signatures it takes. Default HmacSHA256.
	Accepted []string
}

// Signer signs requests to other workers and checks those of others, with the newest
// key that it was given. It is safe for concurrent use.
type Signer struct {
	o   Options
	mu  sync.Mutex // guards key
	key Key
}

// New returns a Signer without a key. The error names an option that nothing can be
// made of.
func New(o Options) (*Signer, error) {
	if o.KeyAlgorithm == "" {
		o.KeyAlgorithm = "HmacSHA256"
	}
	if o.Algorithm == "" {
		o.Algorithm = "HmacSHA256"
	}
	if len(o.Accepted) == 0 {
		o.Accepted = []string{"HmacSHA256"}
	}
	if _, err := NewKey(o.KeyAlgorithm, o.KeyBits); err != nil {
		return nil, err
	}
	for _, name := range append([]string{o.Algorithm}, o.Accepted...) {
		if _, err := hashOf(name); err != nil {
			return nil, err
		}
	}
	return &Signer{o: o}, nil
}

// SetKey takes the session key that was read from the config topic.
func (s *Signer) SetKey(k Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.key = k
}

func (s *Signer) now() Key {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.key
}

// Due returns when the leader has to write a new key, which [Signer.NewKey] makes: the
// zero time for at once. never means that it has not.
func (s *Signer) Due() (at time.Time, never bool) {
	k := s.now()
	switch {
	case len(k.Secret) == 0, !strings.EqualFold(k.Algorithm, s.o.KeyAlgorithm),
		len(k.Secret) != length(s.o.KeyAlgorithm, s.o.KeyBits):
		return time.Time{}, false
	case s.o.TTL <= 0:
		return time.Time{}, true
	}
	return k.Created.Add(s.o.TTL), false
}

// NewKey makes a key as the configuration asks for. The caller writes it to the config
// topic; it counts when it is read from there.
func (s *Signer) NewKey() (Key, error) { return NewKey(s.o.KeyAlgorithm, s.o.KeyBits) }

// Sign signs a request to another worker whose body is body, nil for none. Without a
// key it returns an error of the kind [herder.ErrStarting].
func (s *Signer) Sign(r *http.Request, body []byte) error {
	algorithm, mac, err := s.MAC(body)
	if err != nil {
		return err
	}
	r.Header.Set(SignatureHeader, base64.StdEncoding.EncodeToString(mac))
	r.Header.Set(AlgorithmHeader, algorithm)
	return nil
}

// MAC returns what Sign puts in the headers: the name of the algorithm, and the MAC.
func (s *Signer) MAC(body []byte) (algorithm string, mac []byte, err error) {
	mac, err = s.mac(s.o.Algorithm, body)
	return s.o.Algorithm, mac, err
}

// Verify checks the signature of a request of another worker: the name of its
// algorithm, its MAC, and the body as it came. The errors are Kafka Connect's, of the
// kinds [herder.ErrInvalid] for a request without a signature, or with one of an
// algorithm that is not accepted, [herder.ErrStarting] without a key and
// [herder.ErrForbidden] for a wrong signature.
func (s *Signer) Verify(algorithm string, mac, body []byte) error {
	if algorithm == "" || mac == nil {
		return herder.Errorf(herder.ErrInvalid, "Internal request missing required signature")
	}
	if !slices.ContainsFunc(s.o.Accepted, func(a string) bool { return strings.EqualFold(a, algorithm) }) {
		return herder.Errorf(herder.ErrInvalid, "This worker does not support the '%.50s' key signing algorithm used by "+
			"other workers. This worker is currently configured to use: [%s]. Check that all workers' configuration files "+
			"permit the same set of signature algorithms, and correct any misconfigured worker and restart it.",
			algorithm, strings.Join(s.o.Accepted, ", "))
	}
	want, err := s.mac(algorithm, body)
	if err != nil {
		return err
	}
	if !hmac.Equal(mac, want) {
		return herder.Errorf(herder.ErrForbidden, "Internal request contained invalid signature.")
	}
	return nil
}

func (s *Signer) mac(algorithm string, body []byte) ([]byte, error) {
	k := s.now()
	if len(k.Secret) == 0 {
		return nil, herder.Errorf(herder.ErrStarting, "This worker is still starting up and has not been able to read a "+
			"session key from the config topic yet")
	}
	hash, err := hashOf(algorithm)
	if err != nil {
		return nil, err
	}
	h := hmac.New(hash, k.Secret)
	h.Write(body)
	return h.Sum(nil), nil
}
