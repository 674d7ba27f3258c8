package config

import "fmt"

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

// edits is the Levenshtein distance of a and b, or limit when it is not less.
func edits(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return min(row[len(b)], limit)
}
