package keys

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/suiro/suiro/connect/config"
)

// What a key does, in which unit, is on its page.
func TestEveryKeySaysWhatItDoesAndInWhichUnit(t *testing.T) {
	all := slices.Concat(Worker().Keys(), Source().Keys(), Sink().Keys(), Step("transforms", ""), Step("predicates", ""))
	for _, k := range all {
		first, _ := utf8.DecodeRuneInString(k.Doc)
		if !strings.HasSuffix(k.Doc, ".") || !unicode.IsLetter(first) || len(strings.Fields(k.Doc)) < 4 {
			t.Errorf("%s: the doc %q is not a sentence", k.Name, k.Doc)
		}
	}
	own := slices.DeleteFunc(all, func(k config.Key) bool { // those of clients are declared elsewhere
		return !strings.HasSuffix(k.Name, ".ms") && k.Name != "errors.retry.timeout" || k.Group == "" && !isOffset(k.Name)
	})
	if len(own) < 6 {
		t.Errorf("%d keys with a time, want more", len(own))
	}
	for _, k := range own {
		if !strings.Contains(k.Doc, "milliseconds") {
			t.Errorf("%s: the doc %q does not name the unit", k.Name, k.Doc)
		}
	}
}

func isOffset(name string) bool {
	return strings.HasPrefix(name, "offset.") || strings.HasPrefix(name, "task.")
}

func TestSourcesAndSinksShareWhatEveryConnectorHas(t *testing.T) {
	for _, name := range []string{"name", "connector.class", "tasks.max", "value.converter", "errors.tolerance", DeadLetterTopic} {
		_, source := Source().Key(name)
		_, sink := Sink().Key(name)
		if !source || !sink {
			t.Errorf("%s: a source has it %v, a sink %v, want both", name, source, sink)
		}
	}
	if _, ok := Source().Key("topics"); ok {
		t.Error("a source has the key topics")
	}
}

// A pattern that matches nothing would show what it was to hide.
func TestAPatternOfMaskedFieldsIsRight(t *testing.T) {
	if err := arePatterns([]string{"*passw*", "[ab]c", "*"}); err != nil {
		t.Errorf("patterns are refused: %v", err)
	}
	if err := arePatterns([]string{"ok", "a[b"}); err == nil || !strings.Contains(err.Error(), "a[b") {
		t.Errorf("a[b is refused with %v, want an error that names it", err)
	}
}
