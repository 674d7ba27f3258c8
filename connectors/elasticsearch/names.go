package elasticsearch

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	topicPlaceholder     = "${topic}"
	timestampPlaceholder = "${timestamp}"
	// forbiddenInNames are the characters Elasticsearch refuses in the names
	// of indices and data streams.
	forbiddenInNames = `\/*?"<>| ,#:`
	maxNameBytes     = 255
)

// indexName makes the name of an index of text, as the Java sink does: lower
// case, cut at 255 bytes, without the first hyphen or underscore, and with
// words for the names that are only dots. What cannot be repaired is an error.
func indexName(text string) (string, error) {
	name := cut(strings.ToLower(text), maxNameBytes)
	if strings.HasPrefix(name, "-") || strings.HasPrefix(name, "_") {
		name = name[1:]
	}
	switch name {
	case "":
		return "", fmt.Errorf("%q makes an empty index name", text)
	case ".":
		return "dot", nil
	case "..":
		return "dotdot", nil
	}
	if strings.ContainsAny(name, forbiddenInNames) || strings.ContainsAny(name[:1], "-_+") {
		return "", fmt.Errorf("%q is no legal index name: none of %s anywhere, no - _ + in front",
			name, forbiddenInNames)
	}
	return name, nil
}

// cut shortens s to at most n bytes without splitting a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// dataStreamName joins the parts of a data stream's name.
func dataStreamName(kind, dataset, namespace, topic string) (string, error) {
	fill := func(s string) string {
		return cut(strings.ToLower(strings.ReplaceAll(s, topicPlaceholder, topic)), 100)
	}
	return indexName(strings.ToLower(kind) + "-" + fill(dataset) + "-" + fill(namespace))
}

// pattern writes times in the subset of Java's date patterns that names of
// indices need.
type pattern struct {
	parts []patternPart
	// unit is the shortest time in which the text may change.
	unit time.Duration
}

// patternPart is a layout for Go's time.Format, or text that stands for itself.
type patternPart struct {
	text   string
	layout bool
}

// patternLetters are the letters a pattern may hold, with Go's layout and the
// time each stands for.
var patternLetters = map[string]struct {
	layout string
	unit   time.Duration
}{
	"yyyy": {"2006", 24 * time.Hour},
	"MM":   {"01", 24 * time.Hour},
	"dd":   {"02", 24 * time.Hour},
	"HH":   {"15", time.Hour},
	"mm":   {"04", time.Minute},
}

func parsePattern(text string) (pattern, error) {
	p := pattern{unit: 24 * time.Hour}
	for i := 0; i < len(text); {
		c := text[i]
		if !letter(c) {
			p.parts = append(p.parts, patternPart{text: text[i : i+1]})
			i++
			continue
		}
		n := 1
		for i+n < len(text) && text[i+n] == c {
			n++
		}
		l, ok := patternLetters[text[i:i+n]]
		if !ok {
			return p, fmt.Errorf("%q is unknown in a time pattern, use yyyy, MM, dd, HH and mm", text[i:i+n])
		}
		p.parts = append(p.parts, patternPart{l.layout, true})
		p.unit = min(p.unit, l.unit)
		i += n
	}
	return p, nil
}

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// format writes t and tells from when to when the text stays the same.
func (p pattern) format(t time.Time) (text string, from, to time.Time) {
	from = t.UTC().Truncate(p.unit)
	var b strings.Builder
	for _, part := range p.parts {
		if part.layout {
			b.WriteString(from.Format(part.text))
		} else {
			b.WriteString(part.text)
		}
	}
	return b.String(), from, from.Add(p.unit)
}
