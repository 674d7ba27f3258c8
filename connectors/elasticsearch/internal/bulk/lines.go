package bulk

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/document"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/settings"
	"github.com/suiro/suiro/internal/jsontext"
)

const timestampField = "@timestamp"

// Lines writes planned records as the lines of a bulk body. It is used by one
// goroutine at a time.
type Lines struct {
	settings *settings.Settings
	scanner  *document.Scanner // finds TimestampFields, then @timestamp, in documents of data streams
	encoder  *document.Encoder
	scratch  []byte
}

// NewLines returns what writes lines for the settings.
func NewLines(s *settings.Settings) *Lines {
	l := &Lines{settings: s, scanner: document.NewScanner(), encoder: document.NewEncoder(s.CompactMaps)}
	if s.Stream() {
		fields := append([]string(nil), s.TimestampFields...)
		l.scanner = document.NewScanner(append(fields, timestampField)...)
	}
	return l
}

// Append adds the lines of a planned record to body. On an error the body is
// as it was.
func (l *Lines) Append(body []byte, p *Plan, r *connect.SinkRecord) ([]byte, error) {
	start := len(body)
	body = l.appendAction(body, p)
	if p.Op == Delete {
		return body, nil
	}
	if p.Op == Update {
		body = append(body, `{"doc":`...)
	}
	body, err := l.appendDocument(body, r)
	if err != nil {
		return body[:start], err
	}
	if p.Op == Update {
		body = append(body, `,"doc_as_upsert":true}`...)
	}
	return append(body, '\n'), nil
}

// appendAction adds the line that says what to do. With external_gte a record
// that is written again is accepted again, so that a conflict always means that
// something else is there.
func (l *Lines) appendAction(body []byte, p *Plan) []byte {
	body = append(append(body, `{"`...), p.Op.String()...)
	body = jsontext.AppendString(append(body, `":{"_index":`...), p.Index)
	if !p.noID {
		body = jsontext.AppendString(append(body, `,"_id":`...), p.id)
	}
	if p.Versioned {
		body = strconv.AppendInt(append(body, `,"version":`...), p.version, 10)
		body = append(body, `,"version_type":"external_gte"`...)
	}
	if p.Op == Update {
		body = strconv.AppendInt(append(body, `,"retry_on_conflict":`...), int64(min(l.settings.InFlight, 5)), 10)
	}
	return append(body, "}}\n"...)
}

// appendDocument adds the record's value as one line of JSON. JSON that nothing
// touched since Kafka, and that means the same to every reader, is copied as it
// is; other data is encoded.
func (l *Lines) appendDocument(body []byte, r *connect.SinkRecord) ([]byte, error) {
	if raw, ok := r.Value.Raw(connect.FormatJSON); ok {
		sh, err := l.scanner.Scan(raw)
		if err != nil {
			return body, err
		}
		if !sh.Ambiguous {
			return l.appendScanned(body, raw, sh, r.Timestamp)
		}
	}
	schema, v, err := r.Value.Decode()
	if err != nil {
		return body, fmt.Errorf("value: %w", err)
	}
	if !l.settings.Stream() {
		return l.encoder.Append(body, schema, v)
	}
	if l.scratch, err = l.encoder.Append(l.scratch[:0], schema, v); err != nil {
		return body, err
	}
	sh, err := l.scanner.Scan(l.scratch)
	if err != nil {
		return body, err
	}
	return l.appendScanned(body, l.scratch, sh, r.Timestamp)
}

// appendScanned adds a document that the scanner has found to be one.
func (l *Lines) appendScanned(body, doc []byte, sh document.Shape, at time.Time) ([]byte, error) {
	start := len(body)
	if l.settings.Stream() {
		var err error
		if body, err = l.appendStamped(body, doc, sh, at); err != nil {
			return body, err
		}
	} else {
		body = append(body, doc[sh.Object.From:sh.Object.To]...)
	}
	if sh.Multiline {
		blankLineBreaks(body[start:])
	}
	return body, nil
}

// appendStamped adds a document of a data stream with its @timestamp: the
// first of the named fields it has, or the record's time.
func (l *Lines) appendStamped(body, doc []byte, sh document.Shape, at time.Time) ([]byte, error) {
	own := l.scanner.Field(len(l.settings.TimestampFields))
	var stamp []byte
	for i := range l.settings.TimestampFields {
		if f := l.scanner.Field(i); f.Found() {
			stamp = doc[f.From:f.To]
			break
		}
	}
	if stamp == nil {
		if at.IsZero() {
			return body, errors.New("record has no timestamp and none of data.stream.timestamp.field is there")
		}
		stamp = strconv.AppendInt(nil, at.UnixMilli(), 10)
	}
	from, to := sh.Object.From, sh.Object.To
	if own.Found() {
		body = append(append(body, doc[from:own.From]...), stamp...)
		return append(body, doc[own.To:to]...), nil
	}
	body = append(append(body, `{"@timestamp":`...), stamp...)
	if !sh.Empty {
		body = append(body, ',')
	}
	return append(body, doc[from+1:to]...), nil
}

// blankLineBreaks turns line breaks into blanks; in valid JSON they only stand
// between tokens.
func blankLineBreaks(b []byte) {
	for i, c := range b {
		if c == '\n' || c == '\r' {
			b[i] = ' '
		}
	}
}
