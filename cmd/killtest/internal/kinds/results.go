package kinds

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kill/verify"
)

// Results are what the app has written and stored.
type Results struct {
	// Rows are the last records of the rows of tables, by their keys.
	Rows map[string]string
	// Records are the records of streams, and how often each is there.
	Records map[string]int
	// State is the entries of all stores, and how often each is there.
	State map[string]int
}

func newResults() *Results {
	return &Results{Rows: map[string]string{}, Records: map[string]int{}, State: map[string]int{}}
}

// add takes a record of the output.
func (r *Results) add(key, value []byte, millis int64) {
	text := fmt.Sprintf("%s at %d", value, millis)
	switch {
	case key[0] == 'S':
		r.Records[string(key)+" = "+text]++
	case value == nil:
		delete(r.Rows, string(key))
	default:
		r.Rows[string(key)] = text
	}
}

// Read reads the output of an app, as far as it is committed.
func Read(ctx context.Context, opts []kgo.Opt, topic string) (*Results, error) {
	cl, err := kgo.NewClient(opts...)
	if err != nil {
		return nil, err
	}
	defer cl.Close()
	ranges, err := verify.Ends(ctx, kadm.NewClient(cl), topic)
	if err != nil {
		return nil, err
	}
	r := newResults()
	err = verify.Read(ctx, opts, topic, ranges, kgo.ReadCommitted(), func(rec *kgo.Record) {
		r.add(rec.Key, rec.Value, rec.Timestamp.UnixMilli())
	})
	return r, err
}

// String says how much there is.
func (r *Results) String() string {
	return fmt.Sprintf("%d rows of tables, %d records of streams, %d entries of stores", len(r.Rows), sum(r.Records),
		sum(r.State))
}

func sum(of map[string]int) (n int) {
	for _, times := range of {
		n += times
	}
	return n
}

// Compare returns the differences from want, in words: how many each output and store has,
// and the first few of them.
func (r *Results) Compare(want *Results) []string {
	found := map[string][]string{}
	compare(found, r.Rows, want.Rows)
	compare(found, r.Records, want.Records)
	compare(found, r.State, want.State)
	var words []string
	for _, name := range slices.Sorted(maps.Keys(found)) {
		of := found[name]
		first := strings.Join(of[:min(len(of), 5)], "\n  ")
		words = append(words, fmt.Sprintf("%s: %d differences\n  %s", name, len(of), first))
	}
	return words
}

// compare adds the differences of two maps to found, by what is before "|" in a key.
func compare[V comparable](found map[string][]string, got, want map[string]V) {
	keys := maps.Clone(want)
	maps.Copy(keys, got)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if got[key] != want[key] {
			name, _, _ := strings.Cut(key, "|")
			found[name] = append(found[name], fmt.Sprintf("%s: %v, want %v", key, got[key], want[key]))
		}
	}
}
