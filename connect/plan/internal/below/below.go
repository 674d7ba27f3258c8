// Package below is about the keys of a configuration that begin with a prefix, such as
// those of a converter or of a transform.
package below

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect/config"
)

// Props returns the properties below a prefix, without it.
func Props(props map[string]string, prefix string) map[string]string {
	out := map[string]string{}
	for k, v := range props {
		if rest, ok := strings.CutPrefix(k, prefix); ok {
			out[rest] = v
		}
	}
	return out
}

// Errors returns err's list of keys with a prefix in front of each, which may be empty. An
// error of another kind becomes one of the prefix, so that nothing gets lost.
func Errors(prefix string, err error) config.Errors {
	var errs config.Errors
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &errs):
		return config.Errors{{Key: prefix, Message: err.Error()}}
	}
	errs = slices.Clone(errs)
	for i := range errs {
		errs[i].Key = prefix + errs[i].Key
	}
	return errs
}

// Undeclared returns the errors for the keys below a prefix that def does not declare.
func Undeclared(props map[string]string, prefix string, def *config.Def) config.Errors {
	return Unknown(Props(props, prefix), prefix, def)
}

// Unknown is Undeclared for properties from whose keys the prefix is cut off.
func Unknown(own map[string]string, prefix string, def *config.Def) config.Errors {
	var errs config.Errors
	for _, name := range def.Unknown(own) {
		errs = append(errs, config.UnknownKey(prefix+name, names(def, prefix)))
	}
	return errs
}

// names returns the names of the keys of def, each with a prefix.
func names(def *config.Def, prefix string) []string {
	out := def.Names()
	for i := range out {
		out[i] = prefix + out[i]
	}
	return out
}

// Unlisted finds keys below a prefix of aliases that the key list does not name.
func Unlisted(props map[string]string, prefix, list string, aliases []string) config.Errors {
	var errs config.Errors
	for _, k := range slices.Sorted(maps.Keys(props)) {
		rest, ok := strings.CutPrefix(k, prefix+".")
		if !ok || slices.ContainsFunc(aliases, func(a string) bool { return rest == a || strings.HasPrefix(rest, a+".") }) {
			continue
		}
		e := config.UnknownKey(k, nil)
		alias, _, _ := strings.Cut(rest, ".")
		e.Message += fmt.Sprintf(": %q is not in %s", alias, list)
		if near := config.Nearest(alias, aliases); near != "" && near != alias {
			e.Message += fmt.Sprintf(", did you mean %q?", near)
		} else {
			e.Message += ": add it there"
		}
		errs = append(errs, e)
	}
	return errs
}
