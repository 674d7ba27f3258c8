package layout

import (
	"fmt"
	"strings"
	"time"

	"github.com/suiro/suiro/connect/sinkkit"
)

// Pattern is a compiled path.format: a [sinkkit.TimePattern] each of whose
// directories can have its name, such as 'dt='YYYY-MM-dd/'hour='HH.
type Pattern struct{ *sinkkit.TimePattern }

// ParsePattern compiles a path.format.
func ParsePattern(text string) (*Pattern, error) {
	t, err := sinkkit.ParseTimePattern(text)
	if err != nil {
		return nil, fmt.Errorf("path format %q: %w", text, err)
	}
	p := &Pattern{t}
	for dir := range strings.SplitSeq(p.Format(time.Unix(0, 0).UTC()), "/") {
		if strings.HasPrefix(dir, "+") {
			return nil, fmt.Errorf("path format %q: a directory that begins with + is the sink's own", text)
		}
		if err := CheckName(dir); err != nil {
			return nil, fmt.Errorf("path format %q: %w", text, err)
		}
	}
	return p, nil
}

// Keys returns the names before the = of each directory, which are the
// partition columns of a Hive table, and false when a directory has none.
func (p *Pattern) Keys() ([]string, bool) {
	names, _, ok := Split(p.Format(time.Unix(0, 0).UTC()))
	return names, ok
}
