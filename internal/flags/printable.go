package flags

import (
	"strconv"
	"strings"
	"unicode"
)

// Printable returns a text that a terminal can show, with escapes such as \x1b in the
// place of everything that is neither printable nor a tab nor a line break: errors and
// reports quote files, brokers and records, which must not move the cursor.
func Printable(text string) string {
	if text = strings.ToValidUTF8(text, "\ufffd"); strings.IndexFunc(text, unprintable) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if !unprintable(r) {
			b.WriteRune(r)
			continue
		}
		quoted := strconv.QuoteRune(r)
		b.WriteString(quoted[1 : len(quoted)-1])
	}
	return b.String()
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) && r != '\n' && r != '\t' }
