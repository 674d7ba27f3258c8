package recipe

import (
	"math"
	"strconv"

	"github.com/suiro/suiro/connect/data"
)

// texts makes strings.
func texts(a properties) node {
	prefix, suffix := a.string("prefix"), a.string("suffix")
	around := len(prefix) + len(suffix)
	if a.has("iteration") {
		i, ok := iterationOf(a, math.MinInt32, math.MaxInt32)
		if !ok {
			return nothing
		}
		return node{most: each + around, iterates: true, draw: func(d *die) any {
			return prefix + strconv.FormatInt(i.at(d.number), 10) + suffix
		}}
	}
	if a.has("regex") {
		return matchingTexts(a, prefix, suffix)
	}
	low, high := a.length(8, 15, 8)
	return leaf(each+around+high, func(d *die) any { return prefix + letters(d, d.between(low, high)) + suffix })
}

// letters draws letters and digits.
func letters(d *die, n int) string {
	const from = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	b := make([]byte, n)
	for i := range b {
		b[i] = from[d.IntN(len(from))]
	}
	return string(b)
}

// matchingTexts makes strings that a regular expression matches.
func matchingTexts(a properties, prefix, suffix string) node {
	low, high := a.length(0, maxText, maxText)
	p, err := newPattern(a.string("regex"), low, min(high, maxText), a.has("length"))
	if err != nil {
		a.errorf("regex", "%v", err)
		return nothing
	}
	return leaf(each+len(prefix)+len(suffix)+p.size(), func(d *die) any { return prefix + p.draw(d) + suffix })
}

// byteStrings makes bytes of any value.
func byteStrings(a properties) node {
	low, high := a.length(8, 15, 8)
	return leaf(each+high, func(d *die) any { return randomBytes(d, d.between(low, high)) })
}

// mapKeys makes the keys of a map.
func mapKeys(a properties) node {
	keys := properties{p: a.p, path: a.path, prefix: a.prefix + ".keys"}
	v, there := a.raw["keys"]
	object, ok := v.(map[string]any)
	switch {
	case !there:
		return texts(keys)
	case !ok:
		a.errorf("keys", "must be an object")
		return texts(keys)
	}
	keys.raw = object
	keys.only("of the keys", "length", "regex", "prefix", "suffix", "options")
	keys.alone("options", all...)
	if keys.has("options") {
		return optionsOf(keys, &data.Schema{Kind: data.String})
	}
	return texts(keys)
}
