package jsontext

// IsNumber reports whether s is a number by the grammar of JSON, and whether it
// has an exponent.
func IsNumber(s []byte) (number, exponent bool) {
	i := 0
	if i < len(s) && s[i] == '-' {
		i++
	}
	whole := digits(s, i)
	if whole == i || s[i] == '0' && whole > i+1 {
		return false, false
	}
	i = whole
	if i < len(s) && s[i] == '.' {
		end := digits(s, i+1)
		if end == i+1 {
			return false, false
		}
		i = end
	}
	if i == len(s) {
		return true, false
	}
	if s[i]|0x20 != 'e' {
		return false, false
	}
	i++
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		i++
	}
	end := digits(s, i)
	return end > i && end == len(s), true
}

// digits returns where the decimal digits of s that begin at i end.
func digits(s []byte, i int) int {
	for i < len(s) && '0' <= s[i] && s[i] <= '9' {
		i++
	}
	return i
}
