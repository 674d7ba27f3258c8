package config

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// remedy says what to write instead of a text that cannot be parsed, where that
// can be known, or is empty.
func remedy(k *Key, text string) string {
	text = strings.TrimSpace(text)
	switch k.Type {
	case Boolean:
		return booleanRemedy(text)
	case Int, Short, Long:
		return numberRemedy(k, text)
	}
	return ""
}

// booleanRemedy knows how other formats and people write yes and no.
func booleanRemedy(text string) string {
	for value, words := range map[string][]string{
		"true":  {"true", "yes", "y", "on", "1", "t", "enable", "enabled"},
		"false": {"false", "no", "n", "off", "0", "f", "disable", "disabled"},
	} {
		if slices.Contains(words, strings.ToLower(text)) || nearestValue(text, words[:1]) != "" {
			return ": write " + value
		}
	}
	return ""
}

// bits are the sizes of the types of whole numbers.
var bits = map[Type]int{Short: 16, Int: 32, Long: 64}

// numberRemedy knows durations with a unit, in keys whose unit is the millisecond,
// numbers with separators between their digits, and numbers that are too great.
func numberRemedy(k *Key, text string) string {
	isTime := strings.Contains(k.Name+".", ".ms.") || strings.Contains(k.Doc, "milliseconds")
	if ms, ok := millis(text); ok && isTime {
		return fmt.Sprintf(": write %d, the number of milliseconds", ms)
	}
	plain := strings.NewReplacer("_", "", ",", "", " ", "", "'", "").Replace(text)
	n, err := strconv.ParseFloat(plain, 64)
	limit := math.Ldexp(1, bits[k.Type]-1)
	switch {
	case err != nil || n != math.Trunc(n):
		return ""
	case n >= limit:
		return fmt.Sprintf(": the greatest is %d", uint64(1)<<(bits[k.Type]-1)-1)
	case n < -limit:
		return fmt.Sprintf(": the smallest is -%d", uint64(1)<<(bits[k.Type]-1))
	}
	return fmt.Sprintf(": write %.0f", n)
}

// millis reads a duration with a unit, such as 10s, 1.5h or 7d.
func millis(text string) (ms int64, ok bool) {
	text = strings.ToLower(strings.ReplaceAll(text, " ", ""))
	if days, found := strings.CutSuffix(text, "d"); found {
		n, err := strconv.ParseInt(days, 10, 16)
		return n * (24 * time.Hour).Milliseconds(), err == nil
	}
	d, err := time.ParseDuration(text)
	return d.Milliseconds(), err == nil
}
