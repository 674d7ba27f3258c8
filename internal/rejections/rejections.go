// Package rejections keeps the log readable while bad records come: the first of
// each kind is logged at once, with the record and the reason, and those that
// follow as a number, at most once a minute.
package rejections

import (
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/suiro/suiro/internal/excerpt"
)

// The messages of a [Log].
const (
	// First is the message about the first record of a kind.
	First = "record rejected, the first of its kind"
	// More is the message about those that follow.
	More = "more records rejected"
)

const (
	// interval is how often the records of a kind are summed up.
	interval = time.Minute
	// kindsPerPlace is how many kinds are told apart at one stage and place. Those
	// that come later count as one.
	kindsPerPlace = 20
	// read is how much of a reason is looked at, and longest how much of it, and of a
	// record's name, is logged.
	read    = excerpt.MaxMessage
	longest = 512
	// quote is how much is logged of what a reason quotes: records may hold what a log
	// must not. The dead letter has all of it.
	quote = 16
)

// Rejection is a bad record and what became of it.
type Rejection struct {
	// Stage is where the record failed, in the words of the app or worker.
	Stage string
	// Attrs say more about the place, for instance the class of a transform: keys and
	// values in turn, as slog takes them. They are part of every line.
	Attrs []any
	// Place tells apart what has the same stage: a topic, or a class.
	Place string
	// Record names the record, for instance topic-0@12.
	Record string
	// Reason is the error's text. Two reasons are of one kind when they differ only in
	// numbers and in what stands in quotation marks.
	Reason string
	// Stack is the stack of the panic that rejected the record, "" for other errors.
	// Only the line about the first record has it.
	Stack string
}

// Log says what is rejected. It is safe for concurrent use. A nil Log says nothing.
type Log struct {
	logger *slog.Logger

	mu    sync.Mutex // guards the rest
	kinds map[kind]*count
	tally map[kind]int // kinds of a stage and place, by a kind without words
}

// kind is what records have in common that are rejected for one reason.
type kind struct{ stage, place, words string }

// count is what has come of a kind since its last line in the log.
type count struct {
	last  Rejection
	since time.Time
	more  int
	timer *time.Timer // runs while more is not 0
}

// New returns a Log that writes to logger.
func New(logger *slog.Logger) *Log {
	return &Log{logger: logger, kinds: map[kind]*count{}, tally: map[kind]int{}}
}

// Add notes a rejected record.
func (l *Log) Add(r Rejection) {
	if l == nil {
		return
	}
	r.Record, r.Reason = excerpt.Text(r.Record, longest), excerpt.Text(r.Reason, read)
	r.Stack = excerpt.Text(r.Stack, excerpt.MaxStack)
	l.mu.Lock()
	defer l.mu.Unlock()
	k := l.kind(r)
	c := l.kinds[k]
	if c == nil {
		l.kinds[k] = &count{since: time.Now()}
		attrs := []any{"record", r.Record}
		if r.Stack != "" {
			attrs = append(attrs, "stack", r.Stack)
		}
		l.warn(First, r, attrs...)
		return
	}
	c.more, c.last = c.more+1, r
	if c.timer == nil {
		c.timer = time.AfterFunc(max(0, interval-time.Since(c.since)), func() { l.sumUp(k) })
	}
}

// End logs what was counted and not logged yet.
func (l *Log) End() {
	if l == nil {
		return
	}
	l.mu.Lock()
	var left []kind
	for k := range l.kinds {
		left = append(left, k)
	}
	l.mu.Unlock()
	for _, k := range left {
		l.sumUp(k)
	}
}

// kind finds the kind of a rejection. It begins with what the reason says in words:
// of records with other numbers and texts it is the same. l.mu is held.
func (l *Log) kind(r Rejection) kind {
	k := kind{r.Stage, r.Place, words(r.Reason)}
	if l.kinds[k] != nil {
		return k
	}
	others := kind{stage: r.Stage, place: r.Place}
	if l.tally[others] >= kindsPerPlace {
		return others
	}
	l.tally[others]++
	return k
}

// sumUp logs how many there were of a kind since its last line.
func (l *Log) sumUp(k kind) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.kinds[k]
	if c.timer == nil {
		return
	}
	c.timer.Stop()
	l.warn(More, c.last, "records", c.more, "within", time.Since(c.since).Round(time.Second), "last", c.last.Record)
	c.since, c.more, c.timer = time.Now(), 0, nil
}

// warn logs a line. l.mu is held.
func (l *Log) warn(message string, r Rejection, attrs ...any) {
	attrs = append(append([]any{"stage", r.Stage}, r.Attrs...), attrs...)
	l.logger.Warn(message, append(attrs, "reason", shown(r.Reason))...)
}

// quoted finds what a reason quotes.
var quoted = regexp.MustCompile(`"[^"]*"`)

// shown returns a reason as it is logged, with long texts and quotations cut.
func shown(reason string) string {
	return cut(quoted.ReplaceAllStringFunc(reason, func(q string) string {
		return `"` + cut(q[1:len(q)-1], quote) + `"`
	}), longest)
}

// cut returns the beginning of a long text.
func cut(text string, size int) string {
	if len(text) <= size {
		return text
	}
	return strings.ToValidUTF8(text[:size], "") + "…"
}

// varying finds what differs in reasons of one kind.
var varying = regexp.MustCompile(`"[^"]*"|'[^' ]*'|[0-9]+`)

// words returns the beginning of text, without numbers and what stands in quotation
// marks.
func words(text string) string {
	w := varying.ReplaceAllLiteralString(text[:min(len(text), longest)], "")
	return w[:min(len(w), 200)]
}
