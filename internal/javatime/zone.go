package javatime

import (
	_ "embed"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// zonesText holds the names of zones of Java 17 in English and their offsets in
// seconds, in the order in which SimpleDateFormat tries them.
//
//go:embed zones.tsv
var zonesText string

type zone struct {
	name   string
	offset int
}

// zones are by their first letter, in lower case, because SimpleDateFormat takes
// the first that is at the start of a text.
var zones = sync.OnceValue(func() map[byte][]zone {
	byLetter := map[byte][]zone{}
	for line := range strings.Lines(zonesText) {
		name, text, _ := strings.Cut(strings.TrimSpace(line), "\t")
		offset, _ := strconv.Atoi(text)
		byLetter[name[0]|0x20] = append(byLetter[name[0]|0x20], zone{name, offset})
	}
	return byLetter
})

// zoneAt returns the zone whose name s begins with.
func zoneAt(s string) (zone, bool) {
	if s == "" {
		return zone{}, false
	}
	for _, z := range zones()[s[0]|0x20] {
		if hasPrefixFold(s, z.name) {
			return z, true
		}
	}
	return zone{}, false
}

// zone reads a name, GMT with an offset, or an offset of four digits.
func (p *parser) zone(from int) bool {
	rest := p.text[from:]
	switch {
	case rest[0] == '+' || rest[0] == '-':
		return p.offset(from, "hhmm")
	case !hasPrefixFold(rest, "GMT"):
		z, ok := zoneAt(rest)
		if ok {
			p.fields.offset, p.at = z.offset, from+len(z.name)
		}
		return ok
	case len(rest) > 3 && (rest[3] == '+' || rest[3] == '-'):
		return p.offset(from+3, "h:mm")
	}
	p.fields.offset, p.at = 0, from+3
	return true
}

// isoZone reads Z or an offset of one to three X.
func (p *parser) isoZone(count, from int) bool {
	switch p.text[from] {
	case 'Z':
		p.fields.offset, p.at = 0, from+1
		return true
	case '+', '-':
		return p.offset(from, [...]string{"hh", "hhmm", "hh:mm"}[count-1])
	}
	return false
}

// offset reads a sign and an offset of the form given; h is one or two digits.
func (p *parser) offset(from int, form string) bool {
	s := p.text[from+1:]
	hours, size := leading(s, 2)
	if size == 0 || size == 1 && form != "h:mm" || hours > 23 {
		return false
	}
	minutes, at := 0, size
	if form != "hh" {
		if strings.Contains(form, ":") {
			if at == len(s) || s[at] != ':' {
				return false
			}
			at++
		}
		n, size := leading(s[at:], 2)
		if size < 2 || n > 59 {
			return false
		}
		minutes = n
		at += size
	}
	p.fields.offset = (hours*60 + minutes) * 60
	if p.text[from] == '-' {
		p.fields.offset = -p.fields.offset
	}
	p.at = from + 1 + at
	return true
}

// leading reads up to most digits.
func leading(s string, most int) (n, size int) {
	for size < len(s) && size < most && isDigit(s[size]) {
		n = n*10 + int(s[size]-'0')
		size++
	}
	return n, size
}

var errZone = errors.New("the offset of the zone is not known: write times with an offset, such as +0900")

// ParseLayout is time.Parse for layouts of Go that may name a zone (MST). Names
// that Java knows have the offset that Java gives them, others are an error;
// time.Parse makes up an offset of 0 for those that the machine's zone has not.
func ParseLayout(layout, text string) (time.Time, error) {
	at, err := time.ParseInLocation(layout, text, time.UTC)
	if err != nil || !strings.Contains(layout, "MST") || strings.Contains(layout, "07") {
		return at, err
	}
	name, offset := at.Zone()
	if name == "UTC" || offset != 0 {
		return at, nil
	}
	z, ok := zoneAt(name)
	if !ok || len(z.name) != len(name) {
		return time.Time{}, fmt.Errorf("zone %q: %w", name, errZone)
	}
	return at.Add(-time.Duration(z.offset) * time.Second).In(time.FixedZone(name, z.offset)), nil
}
