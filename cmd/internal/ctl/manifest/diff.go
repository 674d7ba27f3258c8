package manifest

import (
	"maps"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/herder/api"
)

// Hidden is what workers answer and this program prints instead of a secret.
const Hidden = "[hidden]"

// Change is a key whose value would be another.
type Change struct {
	// Key is the key.
	Key string `json:"key"`
	// Old is the value that the worker has; nil when it has none.
	Old *string `json:"old"`
	// New is the value of the file; nil when it has none.
	New *string `json:"new"`
}

// String is the change as a line: + for a new key, - for one that goes, ~ for one whose
// value changes.
func (c Change) String() string {
	switch {
	case c.Old == nil:
		return "+ " + c.Key + " = " + *c.New
	case c.New == nil:
		return "- " + c.Key + " = " + *c.Old
	}
	return "~ " + c.Key + " = " + *c.New + " (was " + *c.Old + ")"
}

// Diff returns what would change, by key. A value that the worker does not show counts as
// another. Passwords, of which infos knows some and names give away others, are hidden,
// unless they are references such as ${file:/run/secrets/shop:password}.
func Diff(old, now map[string]string, infos api.ConfigInfos) []Change {
	secrets := secretKeys(infos)
	var out []Change
	keys := slices.Sorted(maps.Keys(old))
	for key := range now {
		if _, both := old[key]; !both {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		before, had := old[key]
		after, has := now[key]
		if had && has && before == after && before != Hidden {
			continue
		}
		show := func(value string) *string {
			k := config.Key{Name: key}
			if secrets[key] || LooksSecret(key) {
				k.Type = config.Password
			}
			value = k.Shown(value)
			return &value
		}
		c := Change{Key: key}
		if had {
			c.Old = show(before)
		}
		if has {
			c.New = show(after)
		}
		out = append(out, c)
	}
	return out
}

func secretKeys(infos api.ConfigInfos) map[string]bool {
	out := map[string]bool{}
	for _, c := range infos.Configs {
		if c.Definition != nil && c.Definition.Type == "PASSWORD" {
			out[c.Value.Name] = true
		}
	}
	return out
}

// LooksSecret reports whether a key is called like a secret.
func LooksSecret(key string) bool {
	for _, word := range []string{"password", "secret", "token", "jaas", "credential", "private", "api.key", "apikey"} {
		if strings.Contains(strings.ToLower(key), word) {
			return true
		}
	}
	return false
}
