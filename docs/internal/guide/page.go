package guide

import (
	"fmt"
	"regexp"
	"strings"
)

// Step is one thing that a page tells its reader to do.
type Step struct {
	// Line is where the step is in the page, from 1.
	Line int
	// Do says what the step does: file, from, sh, console, log, stop, kill or show.
	Do string
	// Name is the file to write or to be part of, or the command in the background that the step is about.
	Name string
	// Eventually repeats a console step until it prints what it should.
	Eventually bool
	// Text is what the block holds.
	Text string
}

var comment = regexp.MustCompile(`^<!-- (stop|kill) (\w+) -->$`)

// Parse reads a page in Markdown. The error names the line of a block that nothing could be done with.
func Parse(markdown string) (steps []Step, err error) {
	var block *Step
	n := 0
	for line := range strings.Lines(markdown) {
		n++
		info, fence := strings.CutPrefix(strings.TrimRight(line, "\n"), "```")
		switch m := comment.FindStringSubmatch(strings.TrimSpace(line)); {
		case block != nil && fence:
			steps, block = append(steps, *block), nil
		case block != nil:
			block.Text += line
		case fence:
			if block, err = begin(info); err != nil {
				return nil, fmt.Errorf("line %d: %w", n, err)
			}
			block.Line = n
		case m != nil:
			steps = append(steps, Step{Line: n, Do: m[1], Name: m[2]})
		}
	}
	if block != nil {
		return nil, fmt.Errorf("line %d: the block does not end", block.Line)
	}
	return steps, nil
}

// begin reads what is behind the backticks that begin a block.
func begin(info string) (*Step, error) {
	language, rest, _ := strings.Cut(info, " ")
	key, name, _ := strings.Cut(rest, "=")
	switch {
	case (key == "file" || key == "from") && name != "":
		return &Step{Do: key, Name: name}, nil
	case language == "sh" && (rest == "" || key == "background" && name != ""):
		return &Step{Do: "sh", Name: name}, nil
	case language == "console" && (rest == "" || rest == "eventually"):
		return &Step{Do: "console", Eventually: rest != ""}, nil
	case language == "text" && key == "log" && name != "":
		return &Step{Do: "log", Name: name}, nil
	case info == "text":
		return &Step{Do: "show"}, nil
	}
	return nil, fmt.Errorf("a block %q is neither run, nor written to a file, nor text: see package guide", info)
}

// command is a line of a console block and what it prints.
type command struct{ line, want string }

// commands are the commands of a console block, each with the lines that it prints. One that ends
// with & runs beside the next.
func commands(text string) (out []command) {
	for line := range strings.Lines(text) {
		if c, ok := strings.CutPrefix(line, "$ "); ok {
			if n := len(out); n > 0 && out[n-1].want == "" && strings.HasSuffix(out[n-1].line, "&\n") {
				out[n-1].line += c
				continue
			}
			out = append(out, command{line: c})
			continue
		}
		if len(out) == 0 {
			continue
		}
		last := &out[len(out)-1]
		if last.want == "" && strings.HasSuffix(last.line, "\\\n") {
			last.line += line
			continue
		}
		last.want += line
	}
	return out
}

// matches reports whether got is what a page shows.
func matches(want, got string) bool {
	var b strings.Builder
	for line := range strings.Lines(strings.TrimRight(want, "\n") + "\n") {
		if strings.TrimSpace(line) == "..." {
			b.WriteString(`(?:.*\n)*`)
			continue
		}
		parts := strings.Split(strings.TrimRight(line, " \n"), "...")
		for i, p := range parts {
			parts[i] = regexp.QuoteMeta(p)
		}
		b.WriteString(strings.Join(parts, `.*`) + `[ ]*\n`)
	}
	whole := regexp.MustCompile(`^` + b.String() + `$`)
	return whole.MatchString(strings.TrimRight(got, "\n") + "\n")
}
