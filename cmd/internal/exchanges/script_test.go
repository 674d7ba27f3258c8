package exchanges_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// script is a file of testdata: requests in order, with what Kafka Connect's worker answered.
//
//	# A comment.
//	--- PUT /connectors/NAME-src/config      a request; headers and, after an empty line, a body may follow
//	until GET /connectors RUNNING            asks again until the answer matches the expression; not compared
//	=== 200                                  Kafka Connect's answer, in the form of a request
//	=== ours differs by body                 the kind of deviation, and what differs
//
// NAME, DIR, WORKER and CLUSTER stand for what differs between workers.
type script struct {
	path  string
	steps []*step
}

// name is that of the file, without its ending.
func (s *script) name() string { return strings.TrimSuffix(filepath.Base(s.path), ".txt") }

// alone says that the script asks for what others change.
func (s *script) alone() bool {
	return slices.ContainsFunc(s.steps, func(s *step) bool {
		path := strings.TrimRight(strings.SplitAfterN(s.request.first, " ", 2)[1], "/")
		path, _, _ = strings.Cut(path, "?")
		return strings.HasPrefix(s.request.first, "GET ") && (path == "/connectors" || path == "/admin/loggers")
	})
}

// step is a request.
type step struct {
	line     int
	comments []string
	request  message  // whose first line is the method and the path
	until    string   // the request is repeated until its answer matches; not compared
	java     message  // whose first line is the status
	because  string   // the kind of deviation of our answer
	differs  []string // what [differences] says of it
}

const oursDiffers = "=== ours differs by "

// message is a request or an answer.
type message struct {
	first   string
	headers []string // each as "Name: value", sorted by name
	body    string
}

// header is the value of a header of the message, "" when it has none.
func (m message) header(name string) string {
	for _, h := range m.headers {
		if value, ok := strings.CutPrefix(h, name+": "); ok {
			return value
		}
	}
	return ""
}

func (m message) String() string { return strings.TrimRight(m.text(), "\n") }

func (m message) text() string {
	out := m.first + "\n"
	for _, h := range m.headers {
		out += h + "\n"
	}
	if m.body != "" {
		out += "\n" + m.body + "\n"
	}
	return out
}

// readMessage reads a message without its first line.
func readMessage(first string, lines []string) message {
	m := message{first: first}
	for i, line := range lines {
		if line == "" {
			m.body = strings.TrimRight(strings.Join(lines[i+1:], "\n"), "\n")
			return m
		}
		m.headers = append(m.headers, line)
	}
	return m
}

// scripts reads all files of testdata.
func scripts(t *testing.T) (out []*script) {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("testdata has no scripts: %v", err)
	}
	for _, path := range paths {
		out = append(out, readScript(t, path))
	}
	return out
}

func readScript(t *testing.T, path string) *script {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s := &script{path: path}
	lines := strings.Split(string(text), "\n")
	var comments []string
	for i := 0; i < len(lines); {
		line := lines[i]
		end := i + 1
		for end < len(lines) && !strings.HasPrefix(lines[end], "--- ") && !strings.HasPrefix(lines[end], "=== ") &&
			!strings.HasPrefix(lines[end], "# ") && !strings.HasPrefix(lines[end], "until ") {
			end++
		}
		switch {
		case strings.HasPrefix(line, "# "):
			comments = append(comments, line)
		case strings.HasPrefix(line, "--- "):
			m := readMessage(strings.TrimPrefix(line, "--- "), trimEnd(lines[i+1:end]))
			s.steps, comments = append(s.steps, &step{line: i + 1, comments: comments, request: m}), nil
		case strings.HasPrefix(line, "until "):
			method, rest, _ := strings.Cut(strings.TrimPrefix(line, "until "), " ")
			path, want, _ := strings.Cut(rest, " ")
			s.steps = append(s.steps, &step{line: i + 1, comments: comments, request: message{first: method + " " + path},
				until: want})
			comments = nil
		case strings.HasPrefix(line, oursDiffers):
			last := s.steps[len(s.steps)-1]
			last.because, last.differs = strings.TrimPrefix(line, oursDiffers), trimEnd(lines[i+1:end])
		case strings.HasPrefix(line, "=== "):
			s.steps[len(s.steps)-1].java = readMessage(strings.TrimPrefix(line, "=== "), trimEnd(lines[i+1:end]))
		case line != "":
			t.Fatalf("%s:%d: %q is not the beginning of a step", path, i+1, line)
		}
		i = end
	}
	return s
}

// trimEnd cuts the empty lines that separate steps.
func trimEnd(lines []string) []string {
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return slices.Clip(lines)
}

// write writes the script with the answers of its steps.
func (s *script) write(t *testing.T) {
	t.Helper()
	var out bytes.Buffer
	for i, step := range s.steps {
		if i > 0 && step.until == "" && !(s.steps[i-1].until != "" && len(step.comments) == 0) {
			out.WriteString("\n")
		}
		for _, c := range step.comments {
			fmt.Fprintln(&out, c)
		}
		if step.until != "" {
			fmt.Fprintf(&out, "until %s %s\n", step.request.first, step.until)
			continue
		}
		fmt.Fprintf(&out, "--- %s=== %s", step.request.text(), step.java.text())
		if len(step.differs) > 0 {
			fmt.Fprintf(&out, "%s%s\n%s\n", oursDiffers, step.because, strings.Join(step.differs, "\n"))
		}
	}
	if err := os.WriteFile(s.path, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
