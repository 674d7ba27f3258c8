package guides_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// A line of the log that the code does not say any more would send its reader nowhere.
func TestTroubleShowsWhatTheCodeSays(t *testing.T) {
	page, err := os.ReadFile("trouble.md")
	if err != nil {
		t.Fatal(err)
	}
	said := literals(t, top(t))
	shown := 0
	for line := range strings.Lines(string(page)) {
		text, ok := strings.CutPrefix(strings.TrimRight(line, "\n"), "### `")
		if !ok {
			continue
		}
		shown++
		for _, part := range strings.Split(strings.TrimSuffix(text, "`"), "…") {
			if part = strings.TrimSpace(strings.Trim(part, ":,? ")); part != "" && !strings.Contains(said, part) {
				t.Errorf("no text in the code holds %q, which trouble.md shows", part)
			}
		}
	}
	if shown == 0 {
		t.Error("trouble.md shows no line of a log")
	}
}

// literals are all texts in the code, tests left out. Texts that are joined by a plus are one.
func literals(t *testing.T, root string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			text, ok := literal(n)
			b.WriteString(text)
			b.WriteByte('\n')
			return !ok
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func literal(n ast.Node) (text string, ok bool) {
	switch n := n.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(n.Value)
		return text, err == nil && n.Kind == token.STRING
	case *ast.BinaryExpr:
		left, ok := literal(n.X)
		right, ok2 := literal(n.Y)
		return left + right, ok && ok2 && n.Op == token.ADD
	}
	return "", false
}
