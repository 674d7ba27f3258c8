package providers

import (
	"strconv"
	"strings"
	"time"

	"github.com/suiro/suiro/connect/config"
)

// Resolved are properties without references.
type Resolved struct {
	// Props are the properties with the values in place of the references.
	Props map[string]string
	// TTL is how long the values are good for, the shortest of those that are no good for
	// ever; 0 without any.
	TTL time.Duration

	raw     map[string]string // as written, of the keys that had a reference
	failed  map[string]bool   // keys with a reference that nothing resolves
	secrets []string          // what stands for the references
}

// goodFor notes how long one of the values is good for; 0 is without end.
func (r *Resolved) goodFor(ttl time.Duration) {
	if ttl > 0 && (r.TTL == 0 || ttl < r.TTL) {
		r.TTL = ttl
	}
}

// Raw returns the value of a key as the operator wrote it, if it has a reference
// that was resolved.
func (r *Resolved) Raw(key string) (text string, ok bool) {
	text, ok = r.raw[key]
	return text, ok
}

// Secrets returns what stands for the references.
func (r *Resolved) Secrets() []string { return r.secrets }

// Hide takes what was resolved out of errors. Those of a key whose reference failed
// are left out, as they are about the reference's text.
func (r *Resolved) Hide(errs config.Errors) (out config.Errors) {
	for _, e := range errs {
		raw, resolved := r.raw[e.Key]
		switch {
		case r.failed[e.Key]:
			continue
		case resolved && e.Fault == config.Invalid:
			e.Value, e.Message = raw, "the value that it stands for is not accepted"
			if e.Accepts != "" {
				e.Message += ": want " + e.Accepts
			}
		default:
			e.Value, e.Message = r.HideText(e.Value), r.HideText(e.Message)
		}
		out = append(out, e)
	}
	return out
}

const (
	hidden   = "[hidden]"
	shortest = 4 // letters of a text that can be told apart from ordinary words
)

// HideText takes what was resolved out of a text.
func (r *Resolved) HideText(text string) string {
	for _, secret := range r.secrets {
		if text == secret && secret != "" {
			return hidden
		}
		quoted := strconv.Quote(secret)
		for _, form := range []string{secret, strings.TrimSpace(secret), quoted[1 : len(quoted)-1]} {
			if len(form) >= shortest {
				text = strings.ReplaceAll(text, form, hidden)
			}
		}
	}
	return text
}
