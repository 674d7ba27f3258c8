package check

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/cli/internal/command"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/internal/configfiles"
)

// ReadAlone is [Read] for the files of connectors whose worker is not known. What depends
// on its file, such as what references stand for, is not checked, and notes say so.
func ReadAlone(plugins connect.Plugins, connectorFiles []string) *Setup {
	s := &Setup{plugins: plugins, alone: true, unknown: true}
	s.readConnectors(anyWorker(plugins), connectorFiles)
	return s
}

// anyWorker is a worker on which everything is allowed that some worker allows. Names that
// must not be a connector's are not those of any.
func anyWorker(plugins connect.Plugins) *plan.Worker {
	class := "StringConverter"
	if len(plugins.Converters) > 0 {
		class = plugins.Converters[0].Class
	}
	w, err := plan.ParseDistributed(map[string]string{"bootstrap.servers": "localhost:9092", "group.id": "?",
		"config.storage.topic": "?config", "offset.storage.topic": "?offset", "status.storage.topic": "?status",
		"exactly.once.source.support": "enabled", "key.converter": class, "value.converter": class})
	if err != nil {
		panic(err) // these keys are fixed
	}
	return w
}

// reference is what a worker's config providers replace.
var reference = regexp.MustCompile(`\$\{[^}]*?:[^}]*\}`)

// IsReference reports whether a value has something in it that config providers replace.
func IsReference(value string) bool { return reference.MatchString(value) }

// withoutWorker is a configuration without what only its worker knows, and the keys that
// are therefore not checked.
func withoutWorker(props map[string]string) (known map[string]string, unchecked map[string]bool, notes []string) {
	known, unchecked = maps.Clone(props), map[string]bool{}
	for key, value := range props {
		if IsReference(value) && !strings.HasPrefix(key, "_") {
			known[key], unchecked[key] = reference.ReplaceAllString(value, "x"), true
		}
	}
	if n := len(unchecked); n > 0 {
		notes = append(notes, command.Amount(n, "value")+" not checked, which the worker's config.providers replace: "+
			strings.Join(slices.Sorted(maps.Keys(unchecked)), ", "))
	}
	for _, converter := range []string{"key.converter", "value.converter", "header.converter"} {
		if strings.TrimSpace(props[converter]) != "" {
			continue
		}
		for key := range props {
			if strings.HasPrefix(key, converter+".") {
				delete(known, key)
				notes = append(notes, fmt.Sprintf("%s not checked, as %s is the worker's", key, converter))
			}
		}
	}
	slices.Sort(notes)
	return known, unchecked, notes
}

// compileAlone checks one connector as far as that is possible without its worker.
func (s *Setup) compileAlone(r *Report, w *plan.Worker, c configfiles.Connector) {
	known, unchecked, notes := withoutWorker(c.Config)
	if len(notes) > 0 {
		r.Notes = append(r.Notes, append(notes, "--config names the worker's file, so that these are checked too")...)
	}
	c.Config = known
	s.compile(r, w, c)
	wrong := slices.DeleteFunc(slices.Clone(r.Problems), func(p Problem) bool { return unchecked[p.Key] })
	if len(wrong) == 0 && len(r.Problems) > 0 { // what is put in the place of a reference does not fit its key
		for _, p := range r.Problems {
			delete(known, p.Key)
		}
		r.Problems = nil
		s.compile(r, w, c)
		wrong = slices.DeleteFunc(r.Problems, func(p Problem) bool { return unchecked[p.Key] })
	}
	r.Problems = wrong
}
