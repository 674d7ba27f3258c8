package transformcases

import (
	"fmt"
	"strings"

	"github.com/suiro/suiro/scripts/oracle/internal/cases"
)

var regexes = []string{
	`.*`, `(.*)`, `topic-(.*)`, `(.*)-a`, `(?<x>.*)-(?<y>.*)`, `(?P<x>.*)-a`, `topic`, `topic|topic-a`,
	`(topic|topic-a)`, `(.+?)(-a)?`, `(.*?)`, `(.*?)-(.*?)`, `t?`, `(t)(o)(p)(i)(c)(-)(a)`, `(?i)TOPIC-A`,
	`^topic-a$`, `\Atopic-a\z`, `\Atopic-a\Z`, `topic-a\b`, `\w+-\w`, `[\w-]+`, `[a-z&&[^x]]+-a`,
	`[[:alpha:]]+-a`, `\p{Alpha}+-a`, `\p{L}+-a`, `\p{IsLatin}+-a`, `\p{Latin}+-a`, `\p{Lower}+-a`,
	`\pL+-a`,
	`(?=t).*`, `(?!x).*`, `(?<=t).*`, `(?<!x)topic-a`, `(?>topic)-a`, `topi++c-a`, `topic-a*+`, `(t).*\1`,
	`(o).*\1.*`, `(?<x>o).*\k<x>?.*`, `(?x) topic - a`, `(?s).*`, `(?m)^topic-a$`, `(?U).*`, `(?u).*`,
	`(?d).*`,
	`\Qtopic-a\E`, `\Qtopic-\Ea`, `\x74opic-a`, `\x{74}opic-a`, `\u0074opic-a`, `\164opic-a`, `\0164opic-a`,
	`\h*topic-a`, `\R?topic-a`, `\X+`, `\N{LATIN SMALL LETTER T}opic-a`, `topic\-a`, `topic\_a`,
	`topic-a{1}`,
	`topic-a{,2}`, `topic-a{0,2000}`, `a{`, `}`, `]`, `[`, `[]a]`, `[^]a]`, `[a-`, `(`, `)`, `()`, `*`, `+a`,
	`a**`, `a++`, `a??`, `\`, `(?`, `(?:`, `(?<>a)`, `(?<1a>a)`, `(?<a_b>topic).*`, `(?<x>t)(?<x>o).*`, ``,
	` topic-a `, `x*`, `\d*`, `\D+`, `\s*topic-a\S*`,
	`[t][o]pic.a`, `[^x]+`, `(?i:T)opic-a`, `(?-i)topic-a`, `(t(o(p)))ic-a`, `(a|b|t)+.*`, `(x)?topic-a`,
	`(x)*(t).*`, `.{7}`, `.{0,6}`, `[\p{L}\-]+`, `[-a-z]+`, `[a-z-]+`, `\Btopic-a`, `topic-\p{Punct}?a`,
	`\p{javaLowerCase}+-a`, `\c@?topic-a`, `\etopic|topic-a`,
}

var replacements = []string{`x`, ``, `$0`, `$1`, `$2`, `$9`, `x-$1-y`, `$1$2`, `${x}`, `${y}-${x}`, `${nope}`,
	`${1}`, `$`, `a$`, `$x`, `\$1`, `\\`, `\`, `a\`, `\x`, `$10`, `$12`, `$01`, `${x`, `a/b`, ` x `, `名`, `{x}`,
	`$$`, `$1_x`, `\n`}

func (g *gen) regexTables() {
	g.onAll("RegexRouter", false, cases.KV("regex", "topic-(.*)", "replacement", "new-$1"))
	for _, re := range regexes {
		for _, rep := range []string{`x`, `<$0>`, `$1`, `$2-$1`} {
			for _, topic := range []string{"topic-a", "topic"} {
				g.smt("regex", "RegexRouter", cases.KV("regex", re, "replacement", rep), onTopic(topic))
			}
		}
		for _, topic := range []string{"topic-a", "topic", "TOPIC-A"} {
			g.Emit("regex", cases.Case{Kind: "predicate", Class: predicatePackage + "TopicNameMatches",
				Config: cases.KV("pattern", re), Record: onTopic(topic)})
		}
	}
	for _, re := range []string{`topic-(.*)`, `(?<x>.*)-(?<y>.*)`, `(t)(o)(p)(i)(c)(-)(a)?(b)?(c)?(d)?(e)?.*`,
		`nomatch(.*)`, `(.+?)(-.*)?`} {
		for _, rep := range replacements {
			for _, topic := range []string{"topic-a", "topic-abcde", "t-1"} {
				g.smt("replacement", "RegexRouter", cases.KV("regex", re, "replacement", rep), onTopic(topic))
			}
		}
	}
	for _, topic := range []string{"topic", "Topic", "topic\n", "\n", "トピック", "😀", "a.b_c-D9", "", "É", "K",
		"ſ", "\u0085", "\u2028"} {
		for _, re := range []string{`.*`, `.`, `(?i)É`, `(?i)k`, `(?i)s`, `\w+`, `\W+`, `\p{Lu}`, `[^a]+`,
			`(?i)topic`, `\S+`, `topic$`, `.+\n?`} {
			g.smt("unicode", "RegexRouter", cases.KV("regex", re, "replacement", "x$0"), onTopic(topic))
			g.Emit("unicode", cases.Case{Kind: "predicate", Class: predicatePackage + "TopicNameMatches",
				Config: cases.KV("pattern", re), Record: onTopic(topic)})
		}
	}
	for _, conf := range []map[string]string{cases.KV(), cases.KV("regex", "a"), cases.KV("replacement", "a"),
		cases.KV("regex", ".*", "replacement", "a", "x", "y")} {
		g.smt("config", "RegexRouter", conf, onTopic("topic-a"))
	}
}

// randomRegex makes an expression of what Java and Go both have.
func (g *gen) randomRegex() {
	groups := 0
	re := g.regex(3, &groups)
	var rep strings.Builder
	for range 1 + g.Rand.IntN(3) {
		rep.WriteString(cases.Pick(g.Gen, "x", "-", "new.", fmt.Sprintf("$%d", g.Rand.IntN(groups+1)), "$0", `\$`))
	}
	var topic strings.Builder
	for range 1 + g.Rand.IntN(6) {
		topic.WriteString(cases.Pick(g.Gen, "a", "b", "ab", "-", ".", "1", "c"))
	}
	conf := cases.KV("regex", re, "replacement", rep.String())
	g.smt("random", "RegexRouter", conf, onTopic(topic.String()))
	if g.Chance(20) {
		g.Emit("random", cases.Case{Kind: "predicate", Class: predicatePackage + "TopicNameMatches",
			Config: cases.KV("pattern", re), Record: onTopic(topic.String())})
	}
}

// class makes a class, which may have others in it.
func (g *gen) class(depth int) string {
	if depth == 0 || g.Chance(70) {
		return cases.Pick(g.Gen, "[ab]", "[^a]", `\d`, `\w`, "[a-c-]", `[\d.]`, `[\D&&[^b]]`)
	}
	inner := "[" + cases.Pick(g.Gen, "", "", "^") + cases.Pick(g.Gen, "a-c", "-", "1.", `\w`, `\p{Alpha}`)
	for range g.Rand.IntN(3) {
		inner += cases.Pick(g.Gen, "", "&&") + cases.Pick(g.Gen, "[b-]", "[^a]", "[a-z&&[^c]]", "["+g.class(0)+"]")
	}
	return inner + "]"
}

func (g *gen) regex(depth int, groups *int) string {
	var b strings.Builder
	for range 1 + g.Rand.IntN(3) {
		n := g.Rand.IntN(8)
		if depth == 0 {
			n = g.Rand.IntN(5)
		}
		atom := ""
		switch n {
		case 0, 1:
			atom = cases.Pick(g.Gen, "a", "b", "-", `\.`, "1", "c")
		case 2:
			atom = "."
		case 3:
			atom = g.class(2)
		case 4:
			atom = cases.Pick(g.Gen, "ab", "a.")
			b.WriteString(atom)
			continue
		case 5, 6:
			*groups++
			atom = "(" + g.regex(depth-1, groups) + ")"
		case 7:
			atom = "(?:" + g.regex(depth-1, groups) + "|" + g.regex(depth-1, groups) + ")"
			if g.Chance(30) {
				atom = cases.Pick(g.Gen, "(?=", "(?!", "(?>", "(?i:") + g.regex(depth-1, groups) + ")"
			}
		}
		b.WriteString(atom + cases.Pick(g.Gen, "", "", "", "*", "+", "?", "{1,2}", "*?", "+?", "??"))
		if g.Chance(10) {
			b.WriteString(cases.Pick(g.Gen, "a*+", "b++", ".?+", "c{0,2}+", "(?<=a)", "(?<!-)", `\b`, "[ab]*+"))
		}
	}
	if depth == 3 && g.Chance(60) {
		return b.String() + cases.Pick(g.Gen, ".*", "(.*)", "[a-c.1-]*")
	}
	if depth == 3 && g.Chance(20) {
		*groups++
	}
	return b.String()
}
