package config

import (
	"fmt"
	"strings"
)

// UnknownKey makes the error for a key that nobody declares. It names the
// nearest of the known keys when there is one that could be meant, and never
// shows the value, which may be a misplaced secret.
func UnknownKey(name string, known []string) KeyError {
	message := fmt.Sprintf("Unknown configuration %q", name)
	if near := Nearest(name, known); near != "" {
		message += fmt.Sprintf(", did you mean %q?", near)
	}
	return KeyError{Fault: Unknown, Key: name, Message: message}
}

// Nearest returns the known name with the fewest edits, or "" when even that
// differs in more than a third of the letters.
func Nearest(name string, known []string) string {
	best, distance := "", len(name)/3+2
	for _, k := range known {
		if d := edits(name, k, distance); d < distance {
			best, distance = k, d
		}
	}
	return best
}

// nearestValue returns the one of a few known words that could be meant: one that
// begins as text does, or the nearest in which a third of the letters differ at
// most. Capital and small letters are the same. It returns "" when there is none.
func nearestValue(text string, known []string) string {
	const shortest = 3 // letters that two words must share
	text = strings.ToLower(strings.TrimSpace(text))
	best, distance := "", len(text)/3+1
	for _, k := range known {
		lower := strings.ToLower(k)
		if min(len(lower), len(text)) >= shortest && (strings.HasPrefix(lower, text) || strings.HasPrefix(text, lower)) {
			return k
		}
		if d := edits(text, lower, distance); d < distance {
			best, distance = k, d
		}
	}
	return best
}

// Edits is how many slips lie between two names: letters to be changed, added, left
// out, or swapped with the next one.
func Edits(a, b string) int { return edits(a, b, len(a)+len(b)+1) }

// edits is Edits, or limit when that is not less.
func edits(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	var before, last, row []int // of the letter before last, of the last one, and of this one
	last = make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row = make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			cost := last[j]
			if a[i] != b[j] {
				cost++
			}
			row[j+1] = min(cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return min(last[len(b)], limit)
}
