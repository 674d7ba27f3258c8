package mirrormaker

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/suiro/suiro/connect/config"
)

// findings collect what parts say of their keys, by the keys of the file.
type findings struct {
	errs     config.Errors
	used     map[string]bool
	unknown  map[string]config.KeyError // what the first part said that does not know the key
	warnings map[string]string
}

func newFindings() *findings {
	return &findings{used: map[string]bool{}, unknown: map[string]config.KeyError{}, warnings: map[string]string{}}
}

// add notes what a part says about its configuration. named is the key in the file of one that is not
// from there.
func (f *findings) add(l layer, errs config.Errors, warnings []string, named func(key string) string) {
	useless := map[string]bool{}
	for _, text := range warnings {
		key, rest, _ := strings.Cut(text, " ")
		from := l[key].from
		if from == "" {
			continue // of a default, which nobody has written
		}
		useless[key] = true
		f.warnings[from] = from + " " + rest
	}
	for _, e := range errs {
		from := l[e.Key].from
		if e.Fault == config.Unknown && from != "" {
			useless[e.Key] = true
			e.Message, e.Key = renamed(e, from), from
			if _, seen := f.unknown[from]; !seen {
				f.unknown[from] = e
			}
			continue
		}
		if e.Key = from; from == "" {
			e.Key = named(e.Key)
		}
		f.refuse(e)
	}
	for key, v := range l {
		if !useless[key] {
			f.used[v.from] = true
		}
	}
}

// proposal is what an error proposes instead of a key that is not known.
var proposal = regexp.MustCompile(`did you mean "([^"]+)"`)

// renamed is the message about an unknown key with names as the file has them.
func renamed(e config.KeyError, from string) string {
	bare := func(key string) string {
		for _, side := range []string{"source.cluster.", "target.cluster.", "source.", "target."} {
			if rest, ok := strings.CutPrefix(key, side); ok {
				return rest
			}
		}
		return key
	}
	prefix, ok := strings.CutSuffix(from, bare(e.Key))
	message := strings.Replace(e.Message, strconv.Quote(e.Key), strconv.Quote(from), 1)
	if !ok {
		return message
	}
	return proposal.ReplaceAllStringFunc(message, func(text string) string {
		return "did you mean " + strconv.Quote(prefix+bare(proposal.FindStringSubmatch(text)[1]))
	})
}

// refuse notes an error that is not there yet: parts share keys.
func (f *findings) refuse(e config.KeyError) {
	same := func(other config.KeyError) bool {
		return other.Key == e.Key && (other.Fault == e.Fault && e.Fault != config.Invalid || other.Message == e.Message)
	}
	if !slices.ContainsFunc(f.errs, same) {
		f.errs = append(f.errs, e)
	}
}

// result is what is wrong, and what has no effect: that is what no part uses.
func (f *findings) result() (config.Errors, []string) {
	errs, warnings := f.errs, []string{}
	for _, key := range slices.Sorted(maps.Keys(f.unknown)) {
		if !f.used[key] && f.warnings[key] == "" {
			errs = append(errs, f.unknown[key])
		}
	}
	for _, key := range slices.Sorted(maps.Keys(f.warnings)) {
		if !f.used[key] {
			warnings = append(warnings, f.warnings[key])
		}
	}
	return errs, warnings
}
