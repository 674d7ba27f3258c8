package screen

import (
	"strconv"
	"strings"
)

// Aligned pads the cells of each column to the same width: the first and the last
// column are aligned left, those between them right.
func Aligned(lines [][]string) []string {
	width := make([]int, len(lines[0]))
	for _, l := range lines {
		for i, cell := range l {
			width[i] = max(width[i], len([]rune(cell)))
		}
	}
	out := make([]string, len(lines))
	for n, l := range lines {
		var b strings.Builder
		for i, cell := range l {
			pad := strings.Repeat(" ", width[i]-len([]rune(cell)))
			switch i {
			case 0:
				b.WriteString(cell + pad)
			case len(l) - 1:
				b.WriteString("   " + cell)
			default:
				b.WriteString("  " + pad + cell)
			}
		}
		out[n] = b.String()
	}
	return out
}

// Pad puts spaces in front of s up to n bytes.
func Pad(s string, n int) string { return strings.Repeat(" ", max(0, n-len(s))) + s }

// Plural writes n and the name of a thing, with an s unless n is 1.
func Plural(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return Number(n) + " " + thing + "s"
}

// Number writes n with commas between thousands.
func Number(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Printable writes text on one line, control characters as Go escapes them.
func Printable(s string) string {
	if s == "" {
		return "(empty)"
	}
	quoted := strconv.Quote(s)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

// Cut shortens text to at most longest characters.
func Cut(s string, longest int) string {
	if r := []rune(s); len(r) > longest {
		return string(r[:longest-1]) + "…"
	}
	return s
}
