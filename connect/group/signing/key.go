package signing

import (
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"hash"
	"strings"
	"time"
)

// Key is a session key of the cluster. It prints as dots.
type Key struct {
	// Secret is the key itself.
	Secret []byte
	// Algorithm is the name of the MAC in Java that it was made for.
	Algorithm string
	// Created is when it was made, to the millisecond.
	Created time.Time
}

// String implements [fmt.Stringer].
func (Key) String() string { return "••••••" }

// GoString implements [fmt.GoStringer].
func (Key) GoString() string { return "••••••" }

// errShort is Java's limit too.
var errShort = errors.New("inter.worker.key.size is less than 40 bits: leave it out")

// NewKey makes a key for an algorithm, now. bits is its length, 0 for Java's: a leader
// replaces keys of another length, so that Java and others must agree.
func NewKey(algorithm string, bits int) (Key, error) {
	if _, err := hashOf(algorithm); err != nil {
		return Key{}, err
	}
	if bits != 0 && bits < 40 {
		return Key{}, errShort
	}
	k := Key{Secret: make([]byte, length(algorithm, bits)), Algorithm: algorithm,
		Created: time.Now().Truncate(time.Millisecond)}
	_, err := rand.Read(k.Secret)
	return k, err
}

// length is that of a key in bytes. Java's for HmacSHA1 is not that of the hash.
func length(algorithm string, bits int) int {
	if bits > 0 {
		return (bits + 7) / 8
	}
	switch strings.ToLower(algorithm) {
	case "hmacsha256":
		return 32
	case "hmacsha384":
		return 48
	}
	return 64
}

// hashOf is the hash of a MAC by its name in Java, in any case as there.
func hashOf(algorithm string) (func() hash.Hash, error) {
	switch strings.ToLower(algorithm) {
	case "hmacsha1":
		return sha1.New, nil
	case "hmacsha256":
		return sha256.New, nil
	case "hmacsha384":
		return sha512.New384, nil
	case "hmacsha512":
		return sha512.New, nil
	}
	return nil, fmt.Errorf("%.50q is not one of HmacSHA1, HmacSHA256, HmacSHA384, HmacSHA512", algorithm)
}
