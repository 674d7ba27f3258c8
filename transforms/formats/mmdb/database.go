package mmdb

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/oschwald/maxminddb-golang/v2"

	"github.com/suiro/suiro/connect/data"
)

// Database is a database in memory. It is safe for concurrent use.
type Database struct {
	reader   *maxminddb.Reader
	language string
	fields   []Field
}

// ErrLanguage is returned by Open when the database has no names in the language.
var ErrLanguage = errors.New("the database has no names in this language")

var errFormat = errors.New("it is not a whole database in MaxMind's format: name a file that ends with .mmdb, unpacked")

// Open makes a database of the bytes of its file, which it keeps. names are the names of
// the [Fields] that are asked of it, and language is that of the names of places, such as
// en.
func Open(content []byte, language string, names []string) (*Database, error) {
	reader, err := maxminddb.OpenBytes(content)
	if err != nil {
		return nil, fmt.Errorf("%w (%v)", errFormat, err)
	}
	languages := reader.Metadata.Languages
	if len(languages) > 0 && !slices.Contains(languages, language) {
		return nil, fmt.Errorf("%w: choose one of %s", ErrLanguage, strings.Join(languages, ", "))
	}
	fields, err := choose(names)
	if err != nil {
		return nil, err
	}
	return &Database{reader: reader, language: language, fields: fields}, nil
}

// choose returns the fields of the names.
func choose(names []string) ([]Field, error) {
	all := Fields()
	var out []Field
	for _, name := range names {
		i := slices.IndexFunc(all, func(f Field) bool { return f.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no field %q", name)
		}
		out = append(out, all[i])
	}
	return out, nil
}

// Schema returns the schema of what Find returns, or an error when there is no field of a
// name.
func Schema(names []string) (*data.Schema, error) {
	fields, err := choose(names)
	if err != nil {
		return nil, err
	}
	s := &data.Schema{Kind: data.Struct, Optional: true}
	for _, f := range fields {
		s.Fields = append(s.Fields, data.Field{Name: f.Name, Schema: f.Schema})
	}
	return s, nil
}

// Find returns the fields of an IP address, each null where the database does not know it,
// or nil when no network of the database has the address.
func (d *Database) Find(address string) (map[string]any, error) {
	addr, err := netip.ParseAddr(address)
	if err != nil {
		return nil, fmt.Errorf("%.60q is not an IP address", address)
	}
	addr = addr.Unmap()
	if addr.Is6() && d.reader.Metadata.IPVersion == 4 {
		return nil, nil
	}
	r := d.reader.Lookup(addr)
	if err := r.Err(); err != nil {
		return nil, fmt.Errorf("look up %s: %w", addr, err)
	}
	if !r.Found() {
		return nil, nil
	}
	out := make(map[string]any, len(d.fields))
	for _, f := range d.fields {
		if out[f.Name], err = f.read(d, r); err != nil {
			return nil, fmt.Errorf("look up the %s of %s: %w", f.Name, addr, err)
		}
	}
	return out, nil
}
