package parsers

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/cookie"
	"github.com/suiro/suiro/transforms/internal/smt"
)

var _ connect.Transform = (*UnpackCookie)(nil)

// UnpackCookie reads a Cookie header as the cookies in it.
type UnpackCookie struct{ parser *parser }

// UnpackCookieConfig is the configuration of an [UnpackCookie].
type UnpackCookieConfig struct {
	Place
	// Cookies are the names of the only cookies that are passed on; empty for all.
	Cookies []string `config:"cookies"`
	// Nulls are headers that mean that there was none.
	Nulls []string `config:"null.values"`
	// Bad is what becomes of a header with a pair that cannot be read: reject, null or raw;
	// empty means reject.
	Bad string `config:"bad.cookies"`
	// UTF8 is what becomes of bytes that are not UTF-8: replace or reject; empty means
	// replace.
	UTF8 string `config:"invalid.utf8"`
}

// UnpackCookieKeyPlugin describes UnpackCookie on keys as a worker loads it.
func UnpackCookieKeyPlugin() connect.TransformPlugin {
	return unpackCookiePlugin(smt.Key, "$Key",
		"Makes a map or struct of the Cookie header of HTTP, in keys or in one field of them.")
}

// UnpackCookieValuePlugin describes UnpackCookie on values as a worker loads it.
func UnpackCookieValuePlugin() connect.TransformPlugin {
	return unpackCookiePlugin(smt.Value, "$Value",
		"Makes a map or struct of the Cookie header of HTTP, in values or in one field of them.")
}

func unpackCookiePlugin(part smt.Part, ending, doc string) connect.TransformPlugin {
	p := smt.Plugin("", doc, unpackCookieDef(), validateUnpackCookie, smt.On(part, NewUnpackCookie))
	p.Class = "suiro.UnpackCookie" + ending
	return p
}

func unpackCookieDef() *config.Def {
	return config.New(placeKeys("the header")...).With(
		config.Key{Name: "cookies", Type: config.List, Default: "",
			Doc: "The only cookies that are passed on, each null where the header does not have it. With a schema they " +
				"are the fields of a struct. Empty passes all on; with a schema as a map."},
		config.Key{Name: "null.values", Type: config.List, Default: "-", Importance: config.Medium,
			Doc: "Texts that mean that there was no header, and become null; empty for none."},
		config.Key{Name: "bad.cookies", Type: config.String, Default: "reject",
			Valid: config.OneOf(true, "reject", "null", "raw"), Importance: config.Medium,
			Doc: "What becomes of a broken header: reject the record, null, or raw for what can be read and the text " +
				"under _raw."},
		config.Key{Name: "invalid.utf8", Type: config.String, Default: "replace",
			Valid: config.OneOf(true, "replace", "reject"), Importance: config.Low,
			Doc: "Whether bytes that are not UTF-8 are replaced by U+FFFD or make the header a broken one."},
	)
}

func validateUnpackCookie(v config.Values) config.Errors {
	var c UnpackCookieConfig
	v.Decode(&c)
	return c.check()
}

// check applies the rules over several keys.
func (c UnpackCookieConfig) check() config.Errors {
	errs := c.Place.check()
	for i, name := range c.Cookies {
		switch {
		case name == "":
			errs = append(errs, config.Errorf("cookies", strings.Join(c.Cookies, ","), "a name is empty: remove it"))
		case slices.Contains(c.Cookies[:i], name):
			errs = append(errs, config.Errorf("cookies", strings.Join(c.Cookies, ","), "%.80q is there twice: remove one", name))
		}
	}
	return errs
}

// NewUnpackCookie returns an UnpackCookie. An error is a [config.Errors].
func NewUnpackCookie(p smt.Part, c UnpackCookieConfig) (*UnpackCookie, error) {
	if err := c.check().OrNil(); err != nil {
		return nil, err
	}
	parser, err := newParser(p, c.Place, format{name: "cookie", read: c.read, schema: c.schema()})
	if err != nil {
		return nil, err
	}
	return &UnpackCookie{parser}, nil
}

// Apply returns r with the header as data, null for null.
func (t *UnpackCookie) Apply(r *connect.Record) (*connect.Record, error) { return t.parser.apply(r) }

// schema returns the schema of what read returns.
func (c UnpackCookieConfig) schema() *data.Schema {
	if len(c.Cookies) == 0 {
		text := &data.Schema{Kind: data.String}
		return &data.Schema{Kind: data.Map, Optional: true, Key: text, Elem: text}
	}
	s := &data.Schema{Kind: data.Struct, Optional: true}
	for _, name := range c.names() {
		s.Fields = append(s.Fields, data.Field{Name: name, Schema: &data.Schema{Kind: data.String, Optional: true}})
	}
	return s
}

// names are the fields of what read returns, when Cookies lists some.
func (c UnpackCookieConfig) names() []string {
	if !strings.EqualFold(c.Bad, "raw") || slices.Contains(c.Cookies, cookie.RawName) {
		return c.Cookies
	}
	return append(slices.Clone(c.Cookies), cookie.RawName)
}

// read reads a header.
func (c UnpackCookieConfig) read(header []byte) (any, error) {
	if slices.Contains(c.Nulls, string(header)) {
		return nil, nil
	}
	m, err := cookie.Read(header, c.text)
	switch {
	case err == nil:
	case strings.EqualFold(c.Bad, "null"):
		return nil, nil
	case strings.EqualFold(c.Bad, "raw"):
		text, err := c.text(header)
		if err != nil {
			return nil, err
		}
		m = cookie.Kept(m, text)
	default:
		return nil, fmt.Errorf("%w: choose null or raw for bad.cookies to keep the record", err)
	}
	return c.listed(m), nil
}

// listed returns the cookies that are passed on.
func (c UnpackCookieConfig) listed(m map[string]any) map[string]any {
	if len(c.Cookies) == 0 {
		return m
	}
	out := make(map[string]any, len(c.Cookies))
	for _, name := range c.names() {
		out[name] = m[name]
	}
	return out
}

var errUTF8 = errors.New("bytes that are not UTF-8, which invalid.utf8=replace would replace")

// text makes text of bytes.
func (c UnpackCookieConfig) text(b []byte) (string, error) {
	switch {
	case utf8.Valid(b):
		return string(b), nil
	case strings.EqualFold(c.UTF8, "reject"):
		return "", errUTF8
	}
	return string([]rune(string(b))), nil
}
