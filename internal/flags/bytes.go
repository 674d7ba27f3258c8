package flags

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/suiro/suiro/connect/config"
)

// isBytes reports whether a key is a number of bytes.
func isBytes(k config.Key) bool { return hasUnit(k, "bytes") }

// units of bytes, the greatest first.
var units = []struct {
	shift int
	name  string
}{{30, "GiB"}, {20, "MiB"}, {10, "KiB"}}

var errNoBytes = errors.New("is not a number of bytes or a size such as 64MiB")

// parseBytes reads a number of bytes, or a whole number with a unit (KiB, MiB, GiB,
// which may lack its end: 64M), and returns the number of bytes.
func parseBytes(text string) (string, error) {
	text = strings.TrimSpace(text)
	if _, err := strconv.ParseInt(text, 10, 64); err == nil {
		return text, nil
	}
	for _, unit := range units {
		for _, name := range []string{unit.name, unit.name[:1]} {
			digits, ok := cutSuffixFold(text, name)
			if !ok {
				continue
			}
			n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
			if err != nil || n < 0 || n > math.MaxInt64>>unit.shift {
				return "", errNoBytes
			}
			return strconv.FormatInt(n<<unit.shift, 10), nil
		}
	}
	return "", errNoBytes
}

// cutSuffixFold is [strings.CutSuffix] for any case of letters.
func cutSuffixFold(text, suffix string) (before string, found bool) {
	at := len(text) - len(suffix)
	if at < 0 || !strings.EqualFold(text[at:], suffix) {
		return text, false
	}
	return text[:at], true
}

// bytesText writes bytes in the greatest unit of which they are a whole number, which
// is what a flag takes too.
func bytesText(text string) string {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1<<10 {
		return text
	}
	for _, unit := range units {
		if n%(1<<unit.shift) == 0 {
			return strconv.FormatInt(n>>unit.shift, 10) + unit.name
		}
	}
	return text
}
