package schema

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// worthSharing is how long a value is, in bytes of JSON, that is written once.
const worthSharing = 60

// share moves the values that definitions have in common into definitions of their own.
func share(defs map[string]*node, names []string) {
	s := shared{defs: defs, of: map[string]string{}}
	for _, name := range names {
		s.all(defs[name].Properties)
		s.all(defs[name].PatternProperties)
	}
}

// shared are the values that have a definition.
type shared struct {
	defs map[string]*node
	of   map[string]string // names of definitions by their JSON
}

func (s shared) all(values map[string]*node) {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		text, _ := json.Marshal(values[key]) // a node can always be written
		if len(text) < worthSharing {
			continue
		}
		if _, there := s.of[string(text)]; !there {
			name := s.name(key)
			s.defs[name], s.of[string(text)] = values[key], name
		}
		values[key] = refTo(s.of[string(text)])
	}
}

// name is a name for a definition that no other has.
func (s shared) name(key string) string {
	base := strings.Trim(strings.Map(func(r rune) rune {
		if r == '.' || r == '-' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ReplaceAll(key, `[^.]+\.`, "")), ".")
	name := base
	for n := 2; s.defs[name] != nil; n++ {
		name = fmt.Sprintf("%s-%d", base, n)
	}
	return name
}
