package javaregex

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestPatternsOfJavaMatchWhatTheyMatchInJava(t *testing.T) {
	for expr, texts := range map[string][2]string{ // one that matches as a whole, and one that does not
		`(?=t).*`: {"topic", "xt"}, `(?!x).*`: {"topic", "x"}, `(?<=^|a)b|ab(?<!ac)`: {"b", "cb"}, `a*+b`: {"aab", "aa"}, `a*+ab|c`: {"c", "aab"},
		`(t)o\1`: {"tot", "toto"}, `(?<x>t)o\k<x>`: {"tot", "too"}, `(a)\12`: {"aa2", "aa"}, `(?>a|ab)c`: {"ac", "abc"},
		`[a-z&&[^x]]+`: {"abc", "axc"}, `[a-z&&[def]]`: {"d", "a"}, `[a-d[m-p]]+`: {"dam", "e"}, `[^a-z&&[def]]`: {"a", "d"},
		`[a-z&&[^bc]&&[^x]]`: {"a", "b"}, `[[a-f]&&\w]`: {"c", "g"}, `[\D&&[^a]]`: {"b", "a"}, `[^[a]]`: {"b", "a"}, `[]a&&[\]]]`: {"]", "a"},
		`(?!x)\p{Alpha}[\p{Lu}\-]`: {"a-", "ab"}, `(?!x)\Qa.b*\E*+`: {"a.b**", "axb"}, `(?!x)[\Q]^\E]`: {"^", "a"}, `(?!x)\u0041\x42\x{43}\0104\e`: {"ABCD\x1b", "ABCD"},
		`(?i)(?=T).*`: {"TOPIC", "x"}, `(?i:T)(?!x)o`: {"to", "tO"}, `(?u)(?=a)(?d:a)`: {"a", "b"}, `(?=a)[a-]-`: {"a-", "-"}, `(?!x)\R`: {"\r\n", "x"},
		`(?=.)\P{L}\pL\h\H`: {"1a\t1", "aa\t1"}, `(?!x)_\_#~`: {"__#~", "_"}, `(?!x)a{2,3}+a`: {"aaaa", "aaa"}, `(?!x)水+`: {"水水", "火"},
	} {
		p, err := ParsePattern(expr)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		for i, text := range texts {
			if got, err := p.MatchWhole(text); err != nil || got != (i == 0) {
				t.Errorf("%s matches %q: %v, %v, want %v", expr, text, got, err, i == 0)
			}
		}
	}
}

func TestGroupsAreNumberedAsInJava(t *testing.T) {
	for expr, want := range map[string][]string{
		`(t)(?<x>o)(p)`: {"top", "t", "o", "p"}, `(?=t)(t)(?<x>o)(p)(z)?`: {"top", "t", "o", "p", ""},
	} {
		p, err := ParsePattern(expr)
		if err != nil {
			t.Fatal(err)
		}
		m, err := p.Find("a-水-topic")
		if err != nil || m == nil || m.Before != "a-水-" || m.After != "ic" || !reflect.DeepEqual(m.Groups, want) {
			t.Errorf("%s: %+v, %v, want groups %q", expr, m, err, want)
		}
		if n, ok := p.Group("x"); n != 2 || !ok || p.Groups() != len(want)-1 {
			t.Errorf("%s: group x is %d, %v of %d", expr, n, ok, p.Groups())
		}
		if m, err := p.Find("nothing"); m != nil || err != nil {
			t.Errorf("%s: %+v, %v, want no match", expr, m, err)
		}
	}
}

func TestWhatNoEngineHasIsRefused(t *testing.T) {
	for expr, want := range map[string]string{
		`(?x) a`: "of flags", `(?U)(?=a)`: "of flags", `(?=a)\G`: "are not supported", `(?=a)\X`: "are not supported", `(?=a)\b{g}`: "are not supported",
		`(?=a)\p{javaLowerCase}`: "no property", `(?=a)a{`: "where it is not a quantifier", `(?=a)a**`: "nothing to repeat", `(a)\2`: "does not stand before",
		`\k<x>(?<x>a)`: "does not stand before", `(?=a`: "has no )", `(?=a))`: "has no (", `(?=a)[b`: "has no ]", `[a&&]`: "nothing in it", `[z-a&&b]`: "a range",
		`(?=a)\y`: "no escape", `(?=a)\u12`: "number of a character", `(?=a)\x{110000}`: "number of a character", `(?=a)\`: "a backslash ends",
		`(?=a)(?<1>a)`: "no such group", `(?<a>b)(?<a>c)(?=d)`: "have the name", strings.Repeat("[", 60) + "a" + strings.Repeat("]", 60): "too deeply",
	} {
		if p, err := ParsePattern(expr); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParsePattern(%.40s) = %v, %v, want an error with %q", expr, p, err, want)
		}
	}
}

func TestAPatternThatTakesTooLongIsAnError(t *testing.T) {
	p, err := ParsePattern(`(?=a)(a*)*\1b`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.MatchWhole(strings.Repeat("a", 200)); err == nil || !strings.Contains(err.Error(), "took more than") {
		t.Errorf("MatchWhole = %v, want it to give up", err)
	}
}

func TestAllPlacesAreFound(t *testing.T) {
	for _, c := range []struct{ expr, text, want string }{
		{`\d+`, "a1b22é333", "[[1 2] [3 5] [7 10]]"},
		{`\d*`, "a1", "[[1 2]]"},
		{`x`, "abc", "[]"},
		{`(?<=id=)\w+`, "é id=ann, id=bob", "[[6 9] [14 17]]"},
		{`(?<=id=)\w+`, "\xff id=ann", "[[5 8]]"},
		{`(?=a)`, "aa", "[]"},
		{`(?<!a)b`, "ab", "[]"},
	} {
		p, err := ParsePattern(c.expr)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := p.FindAll(c.text); err != nil || fmt.Sprint(got) != c.want {
			t.Errorf("%s in %q = %v, %v, want %s", c.expr, c.text, got, err, c.want)
		}
	}
}

func TestFindAllDoesNotShowTheTextThatTakesTooLong(t *testing.T) {
	p, err := ParsePattern(`(?=a)(a*)*\1b`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.FindAll(strings.Repeat("a", 200)); !errors.Is(err, ErrTooLong) {
		t.Errorf("FindAll = %v, want %v", err, ErrTooLong)
	}
}

// FuzzPattern quotes text, with and without a look-ahead that makes the other engine
// run it: both must match just that.
func FuzzPattern(f *testing.F) {
	f.Add(`(?<a>x)[a-z&&[^b]]++\k<a>(?!c)`, "a]\\")
	f.Add(`(?i)[\p{L}\Q^\E-\x7f]{2}+`, "水")
	f.Fuzz(func(t *testing.T, expr, text string) {
		if p, err := ParsePattern(expr); err == nil {
			if m, err := p.Find(text); err == nil && m != nil && len(m.Groups) != p.Groups()+1 {
				t.Errorf("%q found %+v, of %d groups", expr, m, p.Groups())
			}
		}
		if strings.Contains(text, `\E`) || strings.ToValidUTF8(text, "") != text || strings.HasSuffix(text, `\`) {
			return
		}
		for _, before := range []string{"", "(?=)"} {
			p, err := ParsePattern(before + `\Q` + text + `\E`)
			if err != nil {
				t.Fatalf("%q quoted: %v", text, err)
			}
			if got, err := p.MatchWhole(text); err != nil || !got {
				t.Errorf("%q%q quoted does not match itself: %v", before, text, err)
			}
		}
	})
}
