package stores

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
)

// The most that a password's key may cost. openssl makes keys with 2,048 rounds, or with
// 16 MiB; a key may be in the configuration of a connector, so whoever sends that would
// decide what the worker spends on it.
const (
	mostRounds   = 10_000_000
	mostMemory   = 64 << 20
	mostParallel = 16
)

var (
	pbkdf2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	scrypt = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11591, 4, 11}
)

// affordable reports an error when it would take too much time or memory to open an
// encrypted private key. Of what cannot be read it says nothing.
func affordable(der []byte) error {
	var key struct {
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte
	}
	var scheme struct{ KDF, Cipher pkix.AlgorithmIdentifier }
	if !parse(der, &key) || !parse(key.Algorithm.Parameters.FullBytes, &scheme) {
		return nil
	}
	params := scheme.KDF.Parameters.FullBytes
	var rounds struct {
		Salt  []byte
		Count int
	}
	var cost struct {
		Salt                  []byte
		Cost, Block, Parallel int
	}
	switch kdf := scheme.KDF.Algorithm; {
	case kdf.Equal(pbkdf2) && parse(params, &rounds) && rounds.Count > mostRounds:
		return fmt.Errorf("holds a private key whose password takes %d rounds to check: encrypt it with at most %d",
			rounds.Count, mostRounds)
	case kdf.Equal(scrypt) && parse(params, &cost) && (cost.Block <= 0 || cost.Cost > mostMemory/128/cost.Block ||
		cost.Parallel > mostParallel):
		return fmt.Errorf("holds a private key whose password takes scrypt with N %d, r %d and p %d to check: encrypt it "+
			"with at most %d MiB of memory (128·N·r) and p %d", cost.Cost, cost.Block, cost.Parallel, mostMemory>>20,
			mostParallel)
	}
	return nil
}

func parse(der []byte, into any) bool {
	_, err := asn1.Unmarshal(der, into)
	return err == nil
}

// damaged makes an error of a panic of a library that reads a store. It is deferred.
func damaged(err *error) {
	if p := recover(); p != nil {
		*err = errors.New("is damaged, or not whole")
	}
}
