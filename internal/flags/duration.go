package flags

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/suiro/suiro/connect/config"
)

// isDuration reports whether a key is a number of milliseconds.
func isDuration(k config.Key) bool { return hasUnit(k, "ms") }

// hasUnit reports whether a whole number's name says the unit, at the end or in the
// middle, as in retry.delay.max.ms and errors.delay.ms.max.
func hasUnit(k config.Key, unit string) bool {
	switch k.Type {
	case config.Int, config.Short, config.Long:
		return slices.Contains(strings.Split(k.Name, "."), unit)
	}
	return false
}

var (
	errNoDuration = errors.New("is not a number of milliseconds or a duration such as 10s")
	errTooShort   = errors.New("is not a whole number of milliseconds")
)

// parseDuration reads a number of milliseconds, or a number with one or more units
// (ms, s, m, h, d), and returns the number of milliseconds.
func parseDuration(text string) (string, error) {
	text = strings.TrimSpace(text)
	if _, err := strconv.ParseInt(text, 10, 64); err == nil {
		return text, nil
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseInt(days, 10, 32)
		if err != nil {
			return "", errNoDuration
		}
		return strconv.FormatInt(n*(24*time.Hour).Milliseconds(), 10), nil
	}
	d, err := time.ParseDuration(text)
	switch {
	case err != nil:
		return "", errNoDuration
	case d%time.Millisecond != 0:
		return "", errTooShort
	}
	return strconv.FormatInt(d.Milliseconds(), 10), nil
}

// Milliseconds replaces the durations that properties have for keys of a number of
// milliseconds, such as 10s, by that number. What is none stays as it is.
func Milliseconds(def *config.Def, props map[string]string) {
	for _, k := range def.Keys() {
		if text, set := props[k.Name]; set && isDuration(k) {
			if ms, err := parseDuration(text); err == nil {
				props[k.Name] = ms
			}
		}
	}
}

// durationText writes milliseconds as people do: 10s, 1m30s, 15m, 168h. What means
// never or no time stays a number.
func durationText(text string) string {
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil || ms <= 0 || ms > math.MaxInt64/int64(time.Millisecond) {
		return text
	}
	s := (time.Duration(ms) * time.Millisecond).String()
	s = strings.TrimSuffix(s, "m0s") + strings.Repeat("m", strings.Count(s, "m0s"))
	return strings.TrimSuffix(s, "h0m") + strings.Repeat("h", strings.Count(s, "h0m"))
}
