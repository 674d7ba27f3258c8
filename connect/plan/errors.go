package plan

import (
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan/internal/below"
)

// asErrors returns err's list of keys.
func asErrors(err error) config.Errors { return below.Errors("", err) }

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
