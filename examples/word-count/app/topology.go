// Package app is the topology of word-count, shared by the program and its test.
package app

import (
	"strings"
	"unicode"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/cli"
	"github.com/suiro/suiro/streams/topology"
)

// StoreName is the name of the store that holds the counts, by word.
const StoreName = "counts"

// Program describes the command.
func Program() cli.Program {
	return cli.Program{
		Name:     "word-count",
		Short:    "Count the words of lines of text, and write each count that changes.",
		Defaults: map[string]string{"input.topic": "lines", "output.topic": "word-counts"},
		Build:    build,
	}
}

// build splits lines into words, groups the words, and counts each.
func build(v config.Values) (*topology.Topology, error) {
	b := streams.NewBuilder()
	lines := streams.Stream(b, v.String("input.topic"), streams.Bytes(), streams.String())
	words := streams.FlatMapValues(lines, split)
	byWord := streams.GroupBy(words, "by-word",
		func(_ []byte, word string) (string, error) { return word, nil },
		streams.String(), streams.String())
	counts := streams.Count(byWord, StoreName)
	streams.To(counts.ToStream(), v.String("output.topic"), streams.String(), streams.JSON[int64]())
	return b.Build()
}

// split emits the words of a line in lower case. A word is letters and digits, and
// apostrophes between them.
func split(line string, emit func(string) error) error {
	between := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) && r != '\''
	}
	for word := range strings.FieldsFuncSeq(strings.ToLower(line), between) {
		word = strings.Trim(word, "'")
		if word == "" {
			continue
		}
		if err := emit(word); err != nil {
			return err
		}
	}
	return nil
}
