package compare

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/suiro/suiro/scripts/oracle/internal/cases"
)

func short(class string) string { return class[strings.LastIndexByte(class, '.')+1:] }

// rendered is a case for people.
func rendered(c *cases.Case) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s config %s", c.ID, compact(c.Config))
	if c.IsKey {
		b.WriteString(" isKey")
	}
	switch {
	case c.Record != nil:
		if c.Condition != nil {
			fmt.Fprintf(&b, " predicate %s", compact(c.Condition))
		}
		fmt.Fprintf(&b, " record %s", compact(c.Record))
	case c.Kind == "fromConnect":
		fmt.Fprintf(&b, " data %s", compact(c.Data))
	case c.Bytes == nil:
		b.WriteString(" null")
	default:
		fmt.Fprintf(&b, " bytes %q", *c.Bytes)
	}
	return b.String()
}

func compact(v any) string {
	var b strings.Builder
	_ = cases.Encoder(&b).Encode(v)
	return strings.TrimSpace(b.String())
}

func shown(r cases.Answer) string {
	switch {
	case r.Missing:
		return "missing"
	case r.Error != nil:
		return fmt.Sprintf("error at %s: %s %s", r.Error.Stage, short(r.Error.Class), r.Error.Message)
	}
	var b struct{ Bytes *string }
	if json.Unmarshal(r.OK, &b) == nil && b.Bytes != nil {
		raw, _ := base64.StdEncoding.DecodeString(*b.Bytes)
		return fmt.Sprintf("bytes %q", raw)
	}
	return string(r.OK)
}

func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
