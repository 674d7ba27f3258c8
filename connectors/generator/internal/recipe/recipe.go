// Package recipe makes records by an Avro schema whose types say under arg.properties what
// their values are like, as Confluent's Avro Random Generator has it.
//
// [Parse] reads a schema, and [Recipe.Record] makes its records. A record depends on its number
// and a seed alone: whoever makes it again, in whatever order, makes the same. The README of
// package generator says what each property means.
package recipe

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/avro"
)

// MaxBytes is about how much memory a record may take at most. A schema whose records could
// take more is refused.
const MaxBytes = 16 << 20

// Recipe makes the records of one schema. It may be shared by goroutines.
type Recipe struct {
	schema *data.Schema
	root   node
}

// Errors are those of a schema, one for each property that is wrong.
type Errors []error

// Error returns all of them.
func (e Errors) Error() string { return errors.Join(e...).Error() }

// Parse reads the JSON text of an Avro schema, which is a record. When properties are wrong, the
// error is an [Errors].
func Parse(text []byte) (*Recipe, error) {
	schema, err := avro.ParseSchema(text)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var raw any
	if err := d.Decode(&raw); err != nil {
		return nil, err
	}
	if object, ok := raw.(map[string]any); !ok || object["type"] != "record" {
		return nil, errors.New("the schema is not that of a record: want an object with type record, a name and fields")
	}
	p := parser{named: map[string]node{}}
	root := p.node(raw, schema, "", "")
	if root.most > MaxBytes {
		p.errorf("", "a record could take more than %d MiB: make length smaller", MaxBytes>>20)
	}
	if len(p.errs) > 0 {
		return nil, p.errs
	}
	return &Recipe{schema, root}, nil
}

// Schema returns the schema of the records.
func (r *Recipe) Schema() *data.Schema { return r.schema }

// Most returns about how many bytes of memory a record takes at most.
func (r *Recipe) Most() int { return r.root.most }

// Record makes the record of a number, from 0.
func (r *Recipe) Record(seed, number int64) (map[string]any, error) {
	d := die{Rand: rand.New(rand.NewPCG(uint64(seed), scattered(uint64(number)))), number: number}
	v, _ := r.root.draw(&d).(map[string]any)
	return v, d.err
}

// scattered makes numbers that follow each other far from each other, as the seed of random
// numbers that must not be alike. It is the end of the hash MurmurHash3.
func scattered(n uint64) uint64 {
	n = (n ^ n>>33) * 0xff51afd7ed558ccd
	n = (n ^ n>>33) * 0xc4ceb9fe1a85ec53
	return n ^ n>>33
}

// die is what the values of one record are drawn with.
type die struct {
	*rand.Rand
	number int64 // of the record
	err    error // the first
}

// node makes the values of one type.
type node struct {
	draw     func(*die) any
	most     int  // bytes of memory, about
	iterates bool // whether a value in it depends on the number of the record
}

// leaf makes values that have no others in them.
func leaf(most int, draw func(*die) any) node { return node{draw: draw, most: most} }

// nothing stands for a type with an error.
var nothing = leaf(0, func(*die) any { return nil })

// times is the most that several values take.
func times(most, count int) int {
	if count > 0 && most > math.MaxInt/2/count {
		return math.MaxInt / 2
	}
	return most * count
}

// parser reads one schema. named are the types with a name that were read so far.
type parser struct {
	named map[string]node
	errs  Errors
}

// errorf notes an error about the type at path.
func (p *parser) errorf(path, format string, args ...any) {
	err := fmt.Errorf(format, args...)
	if path != "" {
		err = fmt.Errorf("field %s: %w", path, err)
	}
	p.errs = append(p.errs, err)
}
