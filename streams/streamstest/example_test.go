package streamstest_test

import (
	"fmt"
	"strings"

	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/streamstest"
)

func Example() {
	b := streams.NewBuilder()
	lines := streams.Stream(b, "lines", streams.String(), streams.String())
	words := streams.FlatMapValues(lines, func(line string, emit func(string) error) error {
		for word := range strings.FieldsSeq(line) {
			if err := emit(word); err != nil {
				return err
			}
		}
		return nil
	})
	grouped := streams.GroupBy(words, "by-word",
		func(_, word string) (string, error) { return word, nil }, streams.String(), streams.String())
	streams.To(streams.Count(grouped, "counts").ToStream(), "counts", streams.String(), streams.Int64())
	topology, err := b.Build()
	if err != nil {
		fmt.Println(err)
		return
	}

	d, err := streamstest.New(topology, &streamstest.Options{Partitions: 4})
	if err != nil {
		fmt.Println(err)
		return
	}
	in := streamstest.Input(d, "lines", streams.String(), streams.String())
	out := streamstest.Output(d, "counts", streams.String(), streams.Int64())
	for _, line := range []string{"water finds a way", "a way"} {
		if err := in.Send("k", line); err != nil {
			fmt.Println(err)
		}
		d.Abort() // what an aborted epoch did is forgotten, its records come again
		if err := d.Commit(); err != nil {
			fmt.Println(err)
		}
		records, err := out.Read()
		if err != nil {
			fmt.Println(err)
		}
		for _, r := range records {
			fmt.Println(r.Key, r.Value)
		}
		fmt.Println("--")
	}
	// Unordered output:
	// water 1
	// finds 1
	// a 1
	// way 1
	// --
	// a 2
	// way 2
	// --
}
