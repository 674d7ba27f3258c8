package app_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/topology"
)

var errBad = errors.New("bad value")

// words is a stream of text.
type words = streams.KStream[string, string]

// build makes a topology that reads topic "in" as text.
func build(t testing.TB, describe func(in *words)) *topology.Topology {
	t.Helper()
	b := streams.NewBuilder()
	describe(readText(b, "in"))
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return topo
}

func readText(b *streams.Builder, topic string) *words {
	return streams.Stream(b, topic, streams.String(), streams.String())
}

// toOut writes text to topic "out".
func toOut(s *words) { streams.To(s, "out", streams.String(), streams.String()) }

// copies writes what is in a topic to another.
func copies(b *streams.Builder, from, to string) {
	streams.To(readText(b, from), to, streams.String(), streams.String())
}

func value(_, v string) (string, error) { return v, nil }

// good rejects the value "bad".
func good(v string) (string, error) {
	if v == "bad" {
		return "", streams.Reject(errBad)
	}
	return strings.ToUpper(v), nil
}

func same(t testing.TB, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}
