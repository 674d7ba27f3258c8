package plan

import (
	"errors"

	"github.com/suiro/suiro/connect/config"
)

// asErrors returns err's list of keys. An error of another kind becomes one
// without a key, so that nothing gets lost.
func asErrors(err error) config.Errors {
	var errs config.Errors
	switch {
	case err == nil:
		return nil
	case errors.As(err, &errs):
		return errs
	}
	return config.Errors{{Message: err.Error()}}
}

// withPrefix puts a prefix in front of the keys of err.
func withPrefix(prefix string, err error) config.Errors {
	errs := append(config.Errors(nil), asErrors(err)...)
	for i := range errs {
		errs[i].Key = prefix + errs[i].Key
	}
	return errs
}

// distinct drops repeated errors, as the clients share many of their keys.
func distinct(errs config.Errors) config.Errors {
	seen := map[config.KeyError]bool{}
	var out config.Errors
	for _, e := range errs {
		if !seen[e] {
			seen[e] = true
			out = append(out, e)
		}
	}
	return out
}

// unknownUnder returns the errors for the keys below prefix that def does not
// declare.
func unknownUnder(props map[string]string, prefix string, def *config.Def) config.Errors {
	return unknownErrors(under(props, prefix), prefix, def)
}

// unknownErrors is unknownUnder for properties from whose keys the prefix is cut
// off.
func unknownErrors(props map[string]string, prefix string, def *config.Def) config.Errors {
	var errs config.Errors
	for _, name := range def.Unknown(props) {
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
