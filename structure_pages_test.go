package suiro_test

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// mark is something in a Markdown page that points elsewhere.
type mark struct {
	line   int
	link   string // the target of a link, or
	code   string // the text in backticks, or
	fenced string // a line of a code block
}

var (
	inBackticks = regexp.MustCompile("`([^`]+)`")
	inLink      = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	linkText    = regexp.MustCompile(`\[([^\]]*)\]\([^()]*\)`)
)

// marks finds what a page points to. A code block is fenced, or indented by four columns behind an empty line.
func marks(text string) (found []mark) {
	n, fenced, indented, empty := 0, false, false, true
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimRight(line, "\n")
		indented = strings.HasPrefix(line, "    ") && (indented || empty)
		empty = line == ""
		switch {
		case strings.HasPrefix(line, "```"):
			fenced = !fenced
		case fenced || indented:
			found = append(found, mark{line: n, fenced: strings.TrimSpace(line)})
		default:
			for _, m := range inBackticks.FindAllStringSubmatch(line, -1) {
				found = append(found, mark{line: n, code: m[1]})
			}
			for _, m := range inLink.FindAllStringSubmatch(inBackticks.ReplaceAllString(line, ""), -1) {
				found = append(found, mark{line: n, link: m[1]})
			}
		}
	}
	return found
}

// anchors are the fragments that GitHub gives the headings of a page.
func anchors(text string) map[string]bool {
	known, fenced := map[string]bool{}, false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		}
		heading := strings.TrimLeft(line, "#")
		if fenced || heading == line || !strings.HasPrefix(heading, " ") {
			continue
		}
		base := slug(linkText.ReplaceAllString(strings.TrimSpace(heading), "$1"))
		name := base
		for i := 1; known[name]; i++ {
			name = fmt.Sprintf("%s-%d", base, i)
		}
		known[name] = true
	}
	return known
}

func slug(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r > 127:
			return r
		}
		return -1
	}, strings.ToLower(heading))
}

// known is what pages may point to: files and folders, and the anchors of pages.
type known struct {
	paths   map[string]bool
	anchors map[string]map[string]bool
	targets []string // of the Makefile
}

var makeTarget = regexp.MustCompile(`(?m)^([a-z-]+):`)

func (t *tree) known() known {
	k := known{paths: map[string]bool{".": true}, anchors: map[string]map[string]bool{}}
	for _, f := range t.all {
		for p := f.path; p != "."; p = path.Dir(p) {
			k.paths[p] = true
		}
		if strings.HasSuffix(f.path, ".md") {
			k.anchors[f.path] = anchors(f.text)
		}
		if f.path == "Makefile" {
			for _, m := range makeTarget.FindAllStringSubmatch(f.text, -1) {
				k.targets = append(k.targets, m[1])
			}
		}
	}
	return k
}

// checkPages holds what Markdown pages point to against what there is.
func checkPages(t *tree) (complaints []string) {
	k := t.known()
	for _, f := range t.all {
		if !strings.HasSuffix(f.path, ".md") || f.isTestdata() {
			continue
		}
		for _, m := range marks(f.text) {
			why := ""
			switch {
			case m.link != "":
				why = k.link(f.path, m.link)
			case m.code != "":
				why = k.code(f.dir(), m.code)
			default:
				why = k.target(m.fenced)
			}
			if why != "" {
				complaints = append(complaints, fmt.Sprintf("%s:%d: %s", f.path, m.line, why))
			}
		}
	}
	return complaints
}

// link says what is wrong with a link, or nothing. Links to other sites are not followed.
func (k known) link(from, to string) string {
	if strings.Contains(to, "://") || strings.HasPrefix(to, "mailto:") {
		return ""
	}
	file, fragment, _ := strings.Cut(to, "#")
	target := from
	if file != "" {
		target = path.Join(path.Dir(from), file)
	}
	if !k.paths[target] {
		return fmt.Sprintf("the link %s leads to no file", to)
	}
	if fragment != "" && !k.anchors[target][fragment] {
		return fmt.Sprintf("the link %s leads to no heading", to)
	}
	return ""
}

// inTree is a path that begins with a folder of this module.
var inTree = regexp.MustCompile(`^(?:\./)?((?:cmd|connect|connectors|docs|examples|internal|scripts|stores|streams|transforms|\.ci)/[\w./-]+)$`)

// code says what is wrong with a text in backticks, or nothing.
func (k known) code(dir, text string) string {
	if m := inTree.FindStringSubmatch(text); m != nil {
		p := strings.TrimSuffix(strings.TrimSuffix(m[1], "..."), "/")
		if !k.paths[path.Clean(p)] && !k.paths[path.Join(dir, p)] {
			return fmt.Sprintf("there is no %s", text)
		}
	}
	return k.target(text)
}

var runsMake = regexp.MustCompile(`^(?:\w+=\S+ )*make ([a-z-]+)(?: |$)`)

// target says that a command runs make with a target that the Makefile does not have.
func (k known) target(command string) string {
	m := runsMake.FindStringSubmatch(command)
	if m == nil || slices.Contains(k.targets, m[1]) {
		return ""
	}
	return fmt.Sprintf("make has no target %s", m[1])
}
