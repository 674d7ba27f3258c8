package redaction

import (
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// place is a part of a text, in bytes.
type place struct{ from, to int }

// finder finds places in a text.
type finder func(text string) ([]place, error)

// finders are the kinds of text that are known by name.
func finders() map[string]finder {
	return map[string]finder{
		"bearer": matches(bearer, 1),
		"card":   known(digitGroups, cards),
		"email":  matches(email, 0),
		"ipv4":   known(numbers, ipv4),
		"ipv6":   known(hexGroups, ipv6),
		"jwt":    matches(jwt, 0),
	}
}

// kinds are the names of finders, sorted.
func kinds() []string { return slices.Sorted(maps.Keys(finders())) }

var (
	bearer = regexp.MustCompile(`(?i)\bbearer(?:[ +]|%20)+([a-z0-9._~+/-]+=*)`)
	email  = regexp.MustCompile(`(?i)[\p{L}\p{N}._%+'-]+(?:@|%40)(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+` +
		`(?:xn--[a-z0-9-]+|\p{L}{2,})`)
	jwt = regexp.MustCompile(`\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*`)

	digitGroups = regexp.MustCompile(`[0-9]+(?:[ -][0-9]+)*`)
	numbers     = regexp.MustCompile(`[0-9]+(?:\.[0-9]+)+`)
	hexGroups   = regexp.MustCompile(`[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*`)
)

// matches finds what a group of an expression matches.
func matches(re *regexp.Regexp, group int) finder {
	return func(text string) (out []place, _ error) {
		for _, at := range re.FindAllStringSubmatchIndex(text, -1) {
			out = append(out, place{at[2*group], at[2*group+1]})
		}
		return out, nil
	}
}

// known finds what is in places that match an expression.
func known(re *regexp.Regexp, in func(text string, at place) []place) finder {
	return func(text string) (out []place, _ error) {
		for _, at := range re.FindAllStringIndex(text, -1) {
			out = append(out, in(text, place{at[0], at[1]})...)
		}
		return out, nil
	}
}

// ipv4 takes four numbers up to 255 for an address.
func ipv4(text string, at place) []place {
	numbers := strings.Split(text[at.from:at.to], ".")
	if len(numbers) != 4 {
		return nil
	}
	for _, n := range numbers {
		if n = strings.TrimLeft(n, "0"); len(n) > 3 || len(n) == 3 && n > "255" {
			return nil
		}
	}
	return []place{at}
}

// ipv6 takes what can be read as an address, without a word and a colon before it, and
// a colon or dots after it.
func ipv6(text string, at place) []place {
	at = afterWord(text, at)
	for at.from < at.to && text[at.to-1] == '.' {
		at.to--
	}
	if found := text[at.from:at.to]; strings.HasSuffix(found, ":") && !strings.HasSuffix(found, "::") {
		at.to--
	}
	found := text[at.from:at.to]
	if next, _ := utf8.DecodeRuneInString(text[at.to:]); found == "::" || isWord(next) {
		return nil
	}
	if _, err := netip.ParseAddr(found); err != nil {
		return nil
	}
	return []place{at}
}

// afterWord leaves out the end of a word such as src: at the beginning of a place. What
// follows :: is a part of a name, as in std::string, and nothing is left of the place.
func afterWord(text string, at place) place {
	from := at.from
	if before, _ := utf8.DecodeLastRuneInString(text[:from]); isWord(before) {
		from += strings.IndexByte(text[from:at.to], ':') + 1
		if strings.HasPrefix(text[from:at.to], ":") {
			return place{at.to, at.to}
		}
	} else if found := text[from:at.to]; strings.HasPrefix(found, ":") && !strings.HasPrefix(found, "::") {
		from++
	}
	return place{from, at.to}
}

func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

const longestCard = 19 // digits

// cards finds numbers of cards among groups of digits: any groups that follow on each
// other and are a number together.
func cards(text string, at place) (out []place) {
	groups := groupsOf(text, at)
	for i := range groups {
		digits := ""
		for _, g := range groups[i:] {
			if len(digits)+g.to-g.from > longestCard {
				break
			}
			if digits += text[g.from:g.to]; isCard(digits) {
				out = append(out, place{groups[i].from, g.to})
			}
		}
	}
	return out
}

func groupsOf(text string, at place) (out []place) {
	from := at.from
	for i := at.from; i <= at.to; i++ {
		if i == at.to || text[i] == ' ' || text[i] == '-' {
			out = append(out, place{from, i})
			from = i + 1
		}
	}
	return out
}

// isCard reports whether digits have a length that their first one has with issuers of
// cards, and the check digit of Luhn.
func isCard(digits string) bool {
	n := len(digits)
	switch digits[0] {
	case '2':
		return n == 16 && luhn(digits)
	case '3':
		return n >= 14 && luhn(digits)
	case '4':
		return (n == 13 || n == 16 || n == 19) && luhn(digits)
	case '5', '6':
		return n >= 16 && luhn(digits)
	}
	return false
}

func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
