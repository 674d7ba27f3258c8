package redaction

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/internal/javaregex"
	"github.com/suiro/suiro/transforms/internal/smt"
)

var _ connect.Transform = (*Redact)(nil)

// Redact replaces what is found in text, by a mask or by a keyed hash. It goes through
// fields within fields, lists, and the values of maps. Names of fields, keys of maps,
// numbers and bytes are left as they are.
type Redact struct {
	part    smt.Part
	fields  *smt.Tree[struct{}] // nil for all
	finders []finder
	mask    string
	key     []byte // nil for the mask
}

// RedactConfig is the configuration of a [Redact].
type RedactConfig struct {
	// Detect are kinds of text to find: bearer, card, email, ipv4, ipv6 and jwt.
	Detect []string `config:"detect"`
	// Regex is a regular expression of Java that finds more, empty for none.
	Regex string `config:"regex"`
	// Fields are the fields with the text, empty for all.
	Fields []string `config:"fields"`
	// Replacement takes the place of what is found, unless there is a HashKey.
	Replacement string `config:"replacement"`
	// HashKey is the key of the hashes that take the place of what is found, empty for
	// the Replacement.
	HashKey config.Secret `config:"hash.key"`
	// Syntax is V1 or V2; in V2 Fields are paths, and empty means V1.
	Syntax string `config:"field.syntax.version"`
}

// RedactKeyPlugin describes Redact on keys as a worker loads it.
func RedactKeyPlugin() connect.TransformPlugin {
	return plugin("Redact$Key", "Replaces e-mail addresses, numbers of cards, tokens and other text in keys.", smt.Key)
}

// RedactValuePlugin describes Redact on values as a worker loads it.
func RedactValuePlugin() connect.TransformPlugin {
	return plugin("Redact$Value", "Replaces e-mail addresses, numbers of cards, tokens and other text in values.",
		smt.Value)
}

func plugin(name, doc string, p smt.Part) connect.TransformPlugin {
	out := smt.Plugin(name, doc, redactDef(), validateRedact, smt.On(p, NewRedact))
	out.Class = "suiro." + name
	return out
}

func redactDef() *config.Def {
	return config.New(
		config.Key{Name: "detect", Type: config.List, Default: "", Valid: config.OneOf(false, kinds()...),
			Doc: "What to replace: email addresses, addresses of ipv4 and ipv6, numbers of a card with a right check " +
				"digit, the token after the word bearer, a jwt (JSON web token). Four numbers such as those of " +
				"Chrome/120.0.0.0 look like an address."},
		config.Key{Name: "regex", Type: config.String,
			Valid: config.Func("regular expression", javaregex.ValidPattern),
			Doc: "Regular expression of Java for what to replace, too; (?<=user=)\\w+ replaces what follows user= and " +
				"not user= itself."},
		config.Key{Name: "fields", Type: config.List, Default: "", Importance: config.Medium,
			Doc: "The fields with the text, with all that is in them; empty for all of the key or value. Numbers, bytes, " +
				"names of fields and keys of maps stay as they are."},
		config.Key{Name: "replacement", Type: config.String, Default: "***", Importance: config.Medium,
			Doc: "What takes the place of each text that is found."},
		config.Key{Name: "hash.key", Type: config.Password, Importance: config.Medium,
			Doc: "Secret of at least 16 characters. With it, the HMAC-SHA-256 of each text that is found takes its place, " +
				"as 64 hexadecimal digits, so that equal texts stay equal and cannot be guessed without the secret."},
		smt.Syntax(),
	)
}

func validateRedact(v config.Values) config.Errors {
	var c RedactConfig
	v.Decode(&c)
	errs := c.check()
	if c.HashKey != "" && v.IsSet("replacement") {
		errs = append(errs, config.Errorf("replacement", c.Replacement,
			"there is a hash.key, and hashes are written in place of this: leave one of them out"))
	}
	return errs
}

const shortestKey = 16

// check applies the rules over several keys.
func (c RedactConfig) check() (errs config.Errors) {
	if len(c.Detect) == 0 && c.Regex == "" {
		errs = append(errs, config.Errorf("detect", "", "nothing is replaced: name what to find, or give a regex"))
	}
	if _, err := c.fields(); err != nil {
		errs = append(errs, config.Errorf("fields", strings.Join(c.Fields, ","), "%v", err))
	}
	if n := len(c.HashKey); n > 0 && n < shortestKey {
		errs = append(errs, config.Errorf("hash.key", config.Hidden,
			"the secret is shorter than %d characters and can be guessed: choose a longer one", shortestKey))
	}
	return errs
}

// fields returns the fields, nil for all.
func (c RedactConfig) fields() (*smt.Tree[struct{}], error) {
	if len(c.Fields) == 0 {
		return nil, nil
	}
	tree := &smt.Tree[struct{}]{}
	for _, text := range c.Fields {
		path, err := smt.ParsePath(text, c.Syntax)
		if err != nil {
			return nil, err
		}
		if err := tree.Add(path, struct{}{}); err != nil {
			return nil, err
		}
	}
	return tree, nil
}

// NewRedact returns a Redact, or an error about its configuration, which is a
// [config.Errors] where several keys are concerned.
func NewRedact(p smt.Part, c RedactConfig) (*Redact, error) {
	if err := c.check().OrNil(); err != nil {
		return nil, err
	}
	fields, err := c.fields()
	if err != nil {
		return nil, err
	}
	t := &Redact{part: p, fields: fields, mask: c.Replacement}
	if c.HashKey != "" {
		t.key = []byte(c.HashKey)
	}
	all := finders()
	for _, kind := range c.Detect {
		find, ok := all[kind]
		if !ok {
			return nil, fmt.Errorf("%q cannot be detected: want one of %s", kind, strings.Join(kinds(), ", "))
		}
		t.finders = append(t.finders, find)
	}
	if c.Regex != "" {
		regex, err := javaregex.ParsePattern(c.Regex)
		if err != nil {
			return nil, err
		}
		t.finders = append(t.finders, matchesOf(regex))
	}
	return t, nil
}

func matchesOf(regex *javaregex.Pattern) finder {
	return func(text string) (out []place, err error) {
		found, err := regex.FindAll(text)
		for _, at := range found {
			out = append(out, place{at[0], at[1]})
		}
		return out, err
	}
}

// Apply returns r without what is found, or r itself when nothing is found.
func (t *Redact) Apply(r *connect.Record) (*connect.Record, error) {
	if t.fields != nil {
		return t.applyFields(r)
	}
	s, v, err := t.part.Decode(r)
	if err != nil || v == nil {
		return r, err
	}
	out, changed, err := t.value(v)
	return t.redacted(r, s, out, changed, err)
}

func (t *Redact) applyFields(r *connect.Record) (*connect.Record, error) {
	s, m, err := t.part.Fields(r)
	if err != nil || m == nil {
		return r, err
	}
	changed := false
	out, err := t.fields.Edit(s, m, false, func(_ struct{}, _ *data.Schema, v any) (any, error) {
		v, here, err := t.value(v)
		changed = changed || here
		return v, err
	})
	return t.redacted(r, s, out, changed, err)
}

func (t *Redact) redacted(r *connect.Record, s *data.Schema, v any, changed bool, err error) (*connect.Record, error) {
	switch {
	case err != nil:
		return nil, fmt.Errorf("redact the %s of topic %.249s: %w", t.part, r.Topic, err)
	case !changed:
		return r, nil
	}
	return t.part.Replace(r, s, v), nil
}

// value returns v without what is found in it, and whether that is another value. It
// copies only what it changes.
func (t *Redact) value(v any) (any, bool, error) {
	switch v := v.(type) {
	case string:
		return t.text(v)
	case []any:
		return t.list(v)
	case map[string]any:
		return redactMap(t, v)
	case map[any]any:
		return redactMap(t, v)
	case data.Pairs:
		return t.pairs(v)
	}
	return v, false, nil
}

func (t *Redact) list(v []any) (any, bool, error) {
	var out []any
	for i, item := range v {
		redacted, changed, err := t.value(item)
		if err != nil {
			return nil, false, err
		}
		if changed && out == nil {
			out = slices.Clone(v)
		}
		if changed {
			out[i] = redacted
		}
	}
	if out == nil {
		return v, false, nil
	}
	return out, true, nil
}

func redactMap[K comparable](t *Redact, v map[K]any) (any, bool, error) {
	var out map[K]any
	for k, item := range v {
		redacted, changed, err := t.value(item)
		if err != nil {
			return nil, false, err
		}
		if changed && out == nil {
			out = make(map[K]any, len(v))
			for k, item := range v {
				out[k] = item
			}
		}
		if changed {
			out[k] = redacted
		}
	}
	if out == nil {
		return v, false, nil
	}
	return out, true, nil
}

func (t *Redact) pairs(v data.Pairs) (any, bool, error) {
	var out data.Pairs
	for i, p := range v {
		redacted, changed, err := t.value(p.Value)
		if err != nil {
			return nil, false, err
		}
		if changed && out == nil {
			out = slices.Clone(v)
		}
		if changed {
			out[i].Value = redacted
		}
	}
	if out == nil {
		return v, false, nil
	}
	return out, true, nil
}

// text replaces what all finders find in the text as it is, so that nothing is found
// in what another one has put there. Places that overlap are replaced as one.
func (t *Redact) text(text string) (any, bool, error) {
	places, err := t.places(text)
	if err != nil || len(places) == 0 {
		return text, false, err
	}
	var out strings.Builder
	done := 0
	for i := 0; i < len(places); {
		at := places[i]
		for i++; i < len(places) && places[i].from < at.to; i++ {
			at.to = max(at.to, places[i].to)
		}
		out.WriteString(text[done:at.from])
		out.WriteString(t.instead(text[at.from:at.to]))
		done = at.to
	}
	out.WriteString(text[done:])
	return out.String(), true, nil
}

func (t *Redact) places(text string) (all []place, err error) {
	for _, find := range t.finders {
		found, err := find(text)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	slices.SortFunc(all, func(a, b place) int { return cmp.Or(a.from-b.from, a.to-b.to) })
	return all, nil
}

// instead returns what takes the place of a text that was found.
func (t *Redact) instead(found string) string {
	if t.key == nil {
		return t.mask
	}
	h := hmac.New(sha256.New, t.key)
	h.Write([]byte(found))
	return hex.EncodeToString(h.Sum(nil))
}
