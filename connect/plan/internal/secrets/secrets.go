// Package secrets knows what of a connector's properties nobody may see: the values of
// the keys that are declared as passwords, those that are called like one where nobody
// declares them, and what is secret in URLs and JSON.
package secrets

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/suiro/suiro/connect/config"
)

// shortest is how long a secret is that can be told apart from ordinary words.
const shortest = 4

// Set are the secrets of some properties. It is immutable.
type Set struct {
	declared map[string]config.Key // by their names in the properties
	written  map[string]string     // as the operator wrote them
	texts    []string              // that nobody may see, the longest first
}

// New returns the secrets of properties, as they are written and with the references
// in them resolved. The declared keys have the names that the properties give them.
// The others are secrets whatever they stand for.
func New(declared map[string]config.Key, written, resolved map[string]string, others ...string) *Set {
	s := &Set{declared: declared, written: written}
	texts := map[string]bool{}
	for _, text := range others {
		texts[text] = true
	}
	for name, text := range resolved {
		for _, secret := range s.within(name, text) {
			texts[secret] = true
		}
	}
	maps.DeleteFunc(texts, func(text string, _ bool) bool { return len(text) < shortest })
	s.texts = slices.SortedFunc(maps.Keys(texts), func(a, b string) int { return len(b) - len(a) })
	return s
}

// Texts returns what nobody may see.
func (s *Set) Texts() []string { return s.texts }

// inJAAS is a password in the configuration of a login module.
var inJAAS = regexp.MustCompile(`(?i)\b(?:password|clientsecret)\s*=\s*"((?:[^"\\]|\\.)*)"`)

// inURL is a parameter of a URL, or a field of JSON, that is a secret.
var inURL = regexp.MustCompile(`(?i)(?:password|passwd|secret|token|key)(?:=|"\s*:\s*")([^&;\s"]+)`)

// within returns what is secret in the text of a key.
func (s *Set) within(name, text string) (out []string) {
	switch {
	case s.show(name, text) == text:
		return nil
	case s.show(name, "x") == config.Hidden: // a password
		out = append(out, text, strings.TrimSpace(text))
		if _, password, ok := strings.Cut(text, ":"); ok && !strings.ContainsAny(text, " \n") {
			out = append(out, password)
		}
		for _, found := range inJAAS.FindAllStringSubmatch(text, -1) {
			out = append(out, found[1])
		}
		return out
	}
	for item := range strings.SplitSeq(text, ",") {
		if !strings.Contains(item, "://") {
			item = "none://" + strings.TrimSpace(item)
		}
		u, err := url.Parse(strings.TrimSpace(item))
		if err != nil || u.User == nil {
			continue
		}
		out = append(out, u.User.String())
		if password, ok := u.User.Password(); ok {
			out = append(out, password, url.QueryEscape(password), url.PathEscape(password))
		}
	}
	for _, found := range inURL.FindAllStringSubmatch(text, -1) {
		out = append(out, found[1])
	}
	return out
}

func (s *Set) show(name, text string) string {
	if k, ok := s.declared[name]; ok {
		return k.Shown(text)
	}
	return config.ShownUndeclared(name, text)
}

// Show returns properties as answers may show them: the ones that s was made of, or
// those that a connector planned for a task.
func (s *Set) Show(props map[string]string) map[string]string {
	out := make(map[string]string, len(props))
	for name, text := range props {
		shown := s.show(name, text)
		if text != s.written[name] {
			shown = s.HideText(shown)
		}
		out[name] = shown
	}
	return out
}

// HideText takes the secrets out of a text, such as the error of a task. A nil Set, of
// a plan that was not made of properties, has none.
func (s *Set) HideText(text string) string {
	if s == nil {
		return config.HideURLs(text)
	}
	for _, secret := range s.texts {
		text = strings.ReplaceAll(text, secret, config.Hidden)
		if quoted := strconv.Quote(secret); len(quoted) != len(secret)+2 {
			text = strings.ReplaceAll(text, quoted[1:len(quoted)-1], config.Hidden)
		}
	}
	return config.HideURLs(text)
}

// HideErrors takes the secrets out of errors.
func (s *Set) HideErrors(errs config.Errors) config.Errors {
	out := slices.Clone(errs)
	for i, e := range out {
		if e.Value != config.Hidden {
			out[i].Value = s.show(e.Key, e.Value)
		}
		out[i].Message = s.HideText(e.Message)
	}
	return out
}

// Restore returns properties in which each value that is what [Set.Show] shows of a
// secret is that secret, for a client that changes what it has read.
func (s *Set) Restore(sent map[string]string) map[string]string {
	out := maps.Clone(sent)
	for name, text := range s.written {
		if got, ok := sent[name]; ok && got != text && got == s.show(name, text) {
			out[name] = text
		}
	}
	return out
}

// Shown finds values that are what is shown instead of a secret.
func (s *Set) Shown() (errs config.Errors) {
	for name, text := range s.written {
		k, ok := s.declared[name]
		if !ok {
			k.Name = name
		}
		if config.HoldsHidden(k, text) {
			errs = append(errs, config.Errorf(name, config.Hidden, "stands for a secret in answers and is none itself: "+
				"write the secret, or a reference to it"))
		}
	}
	slices.SortFunc(errs, func(a, b config.KeyError) int { return strings.Compare(a.Key, b.Key) })
	return errs
}
