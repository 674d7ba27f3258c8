package javaregex

import (
	"strings"
	"testing"
)

func TestWhatJavaWritesOtherwiseIsRewritten(t *testing.T) {
	for expr, text := range map[string]string{
		`\p{Alpha}+-[\p{Lower}\d]`: "topic-a", `\u0074opic\h`: "topic\t", `\0164opic\Z`: "topic", `[\h\-x]+`: " -x",
		`\Qa.b\E.`: "a.bc", `\p{IsLatin}\pL`: "ab", `a{1}(?:b|c){0,2}`: "abc", `\R\e`: "\r\n\x1b", `[^]a]`: "b", `(?<x>t)`: "t",
	} {
		re, err := Compile(`^(?:` + expr + `)$`)
		if err != nil || !re.MatchString(text) {
			t.Errorf("%s: %v; it must match %q", expr, err, text)
		}
	}
}

func TestWhatGoWouldReadOtherwiseIsRefused(t *testing.T) {
	for expr, want := range map[string]string{
		`[a-z&&[^x]]`: "intersections", `[[:alpha:]]`: "a class within a class", `a{`: "where it is not a quantifier",
		`a{,2}`: "where it is not a quantifier", `(?U)a`: "the flag U", `(?=t).*`: "look-around", `(t)\1`: "back references",
		`a\`: "a backslash ends", `\u12`: "not the number of a character", `[\S]`: "a class within a class", `a++`: "possessive",
		`\164opic`: "back references", `(?<a>x)\k<a>`: "back references",
	} {
		if re, err := Compile(expr); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Compile(%s) = %v, %v, want an error with %q", expr, re, err, want)
		}
	}
}

func FuzzCompile(f *testing.F) {
	f.Add(`(?<a>\p{Alpha}[\h-]\u0041\0101\Q[\E{2})`)
	f.Fuzz(func(t *testing.T, expr string) {
		if _, err := Compile(expr); err != nil && !strings.Contains(err.Error(), "regular expression") {
			t.Errorf("Compile(%q) = %v, which does not name the expression", expr, err)
		}
	})
}
