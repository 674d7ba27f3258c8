package suiro_test

import (
	"fmt"
	"go/ast"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Weights. A type whose methods stand in three files is more than one type, and a package beyond its weight more than
// one idea.
const (
	maxTypeFiles   = 2
	maxTypeLines   = 350
	maxPackageCode = 1500
)

// byLife are types that are divided by what happens to them and not into types of their own, and why.
var byLife = map[typeName]string{
	{"streams/internal/task", "Task"}:                 "goka wants one processor, storage and consumer a task; each file is one of them",
	{"streams/internal/thread", "Thread"}:             "one member of a group: its loop, its rebalances, the end of its epochs",
	{"scripts/oracle-streams/internal/gen", "Gen"}:    "one source of random cases, a file for each kind",
	{"scripts/oracle-streams/internal/gen", "graph"}:  "one topology in the making, a file for each kind of operator",
	{"scripts/oracle/internal/cases", "Gen"}:          "one source of random values for all kinds of cases",
	{"scripts/oracle/internal/convertercases", "gen"}: "tables of cases, a file for each kind",
	{"scripts/oracle/internal/transformcases", "gen"}: "tables of cases, a file for each transform",
}

// wide are packages that are one idea with many thin functions, and how much code each may have: in
// streams there is a function for each operator, whose work is done in packages below, and
// streams/internal/task has what goka wants of a task in one place.
var wide = map[string]int{"streams": 2200, "streams/internal/task": 1550}

// typeName is a type of a folder.
type typeName struct{ folder, name string }

// methods maps each type with methods to their lines in each file.
func (t *tree) methods() map[typeName]map[string]int {
	out := map[typeName]map[string]int{}
	for _, f := range t.code() {
		for _, d := range f.syntax.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv == nil {
				continue
			}
			key := typeName{f.dir(), receiverName(fn)}
			if out[key] == nil {
				out[key] = map[string]int{}
			}
			out[key][f.path] += t.fset.Position(fn.End()).Line - t.fset.Position(fn.Pos()).Line + 1
		}
	}
	return out
}

// checkTypes keeps the methods of a type together and its weight bearable.
func checkTypes(t *tree) (complaints []string) {
	for typ, files := range t.methods() {
		names := slices.Sorted(maps.Keys(files))
		lines := 0
		for _, n := range files {
			lines += n
		}
		if byLife[typ] != "" {
			continue
		}
		switch {
		case len(files) > maxTypeFiles:
			complaints = append(complaints, fmt.Sprintf("%s: the methods of %s are in %d files (%s): find the second type in it",
				typ.folder, typ.name, len(files), strings.Join(names, ", ")))
		case lines > maxTypeLines:
			complaints = append(complaints, fmt.Sprintf("%s: the methods of %s have %d lines, more than %d: find the second type in it",
				typ.folder, typ.name, lines, maxTypeLines))
		}
	}
	slices.Sort(complaints)
	return complaints
}

// checkPackages bounds the code of a package, comments and blank lines not counted.
func checkPackages(t *tree) (complaints []string) {
	code := map[string]int{}
	for _, f := range t.code() {
		code[f.dir()] += codeLines(f)
	}
	for folder, n := range code {
		if most := max(maxPackageCode, wide[folder]); n > most {
			complaints = append(complaints, fmt.Sprintf("%s: %d lines of code, more than %d: it holds more than one idea",
				folder, n, most))
		}
	}
	slices.Sort(complaints)
	return complaints
}

func codeLines(f *file) (n int) {
	for line := range strings.Lines(f.text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
			n++
		}
	}
	return n
}

// checkFields wants a comment for each exported field of an exported struct; fields in a row may share one.
func checkFields(t *tree) (complaints []string) {
	for _, f := range t.code() {
		for _, d := range f.syntax.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, s := range g.Specs {
				typ, ok := s.(*ast.TypeSpec)
				if !ok || !typ.Name.IsExported() {
					continue
				}
				if st, ok := typ.Type.(*ast.StructType); ok {
					complaints = append(complaints, bareFields(t, f, typ.Name.Name, st)...)
				}
			}
		}
	}
	return complaints
}

func bareFields(t *tree, f *file, owner string, s *ast.StructType) (complaints []string) {
	documented, last := false, -1
	for _, field := range s.Fields.List {
		line := t.fset.Position(field.Pos()).Line
		switch {
		case field.Doc != nil || field.Comment != nil || field.Tag != nil && strings.Contains(field.Tag.Value, "config:"):
			documented = true // a key is documented where it is declared
		case line != last+1:
			documented = false // a blank line ends what a comment is about
		}
		last = t.fset.Position(field.End()).Line
		for _, n := range field.Names {
			if n.IsExported() && !documented {
				complaints = append(complaints, fmt.Sprintf("%s: field %s.%s has no comment: its meaning, unit and default",
					f.line(t, n), owner, n.Name))
			}
		}
	}
	return complaints
}

// checkSleep: a test that sleeps is slow or wrong; the fake clock of testing/synctest is neither.
func checkSleep(t *tree) (complaints []string) {
	for _, f := range t.files {
		names := importNames(f.syntax)
		if slices.Contains(slices.Collect(maps.Values(names)), "testing/synctest") {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok || sel.Sel.Name != "Sleep" {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && names[x.Name] == "time" {
				complaints = append(complaints, f.line(t, sel)+": time.Sleep: wait for what is waited for, with a context or a deadline")
			}
			return true
		})
	}
	return complaints
}

// Columns that a line may have. Tables of Markdown, text between backquotes in Go and the tables of tests cannot be
// folded.
const (
	maxGoColumns       = 120
	maxMarkdownColumns = 100
)

// checkColumns: lines fit. In README.md tables and code do too, as it is read in terminals.
func checkColumns(t *tree) (complaints []string) {
	for _, f := range t.all {
		var longest int
		switch {
		case f.isTestdata():
			continue
		case strings.HasSuffix(f.path, ".go") && !f.generated && !f.isTest():
			longest = maxGoColumns
		case strings.HasSuffix(f.path, ".md"):
			longest = maxMarkdownColumns
		default:
			continue
		}
		n, fenced := 0, false
		for line := range strings.Lines(f.text) {
			n++
			if strings.HasPrefix(line, "```") {
				fenced = !fenced
			}
			line = strings.TrimSuffix(line, "\n")
			if columns := utf8.RuneCountInString(line); columns > longest && (f.path == "README.md" || !fenced && !foldless(f.path, line)) {
				complaints = append(complaints, fmt.Sprintf("%s:%d: %d columns, more than %d", f.path, n, columns, longest))
			}
		}
	}
	return complaints
}

// foldless reports whether a line cannot be folded.
func foldless(path, line string) bool {
	if strings.HasSuffix(path, ".md") {
		return strings.HasPrefix(line, "|") || strings.HasPrefix(line, "    ") || !strings.Contains(strings.TrimSpace(line), " ")
	}
	text := strings.TrimSpace(line)
	oneString := strings.HasPrefix(text, "\"") && strings.Count(text, "\"") == 2
	return strings.Contains(line, "`") || strings.HasPrefix(line, "//go:") || oneString
}

// checkConstantErrors: fmt.Errorf that formats nothing is errors.New.
func checkConstantErrors(t *tree) (complaints []string) {
	for _, f := range t.code() {
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 1 || !isErrorCall(call.Fun) || call.Fun.(*ast.SelectorExpr).Sel.Name != "Errorf" {
				return true
			}
			if text, ok := constantText(call.Args[0]); ok && !strings.Contains(text, "%") {
				complaints = append(complaints, f.line(t, call)+": fmt.Errorf formats nothing here: errors.New says so")
			}
			return true
		})
	}
	return complaints
}

// constantText is the text of a string or of several joined by +.
func constantText(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.BinaryExpr:
		left, ok := constantText(e.X)
		right, also := constantText(e.Y)
		return left + right, ok && also
	}
	return "", false
}

// suites are the contract suites of connect, with the methods by which an implementation is known.
var suites = []struct {
	name    string
	methods []string
}{
	{"connecttest.RunConverter", []string{"FromConnect", "ToConnect", "Format"}},
	{"connecttest.RunSource", []string{"Poll", "Committed"}},
	{"connecttest.RunSink", []string{"Put", "PreCommit"}},
	{"backingtest.Run", []string{"Refresh", "Get", "Put"}},
	{"connecttest.RunTransform", []string{"Apply"}},
	{"connecttest.RunPredicate", []string{"Test"}},
	{"connecttest.RunHeaderConverter", []string{"FromConnectHeader", "ToConnectHeader"}},
}

// checkSuites wants each folder that implements an interface of connect to run its suite.
func checkSuites(t *tree) (complaints []string) {
	for _, s := range suites {
		runs := map[string]bool{}
		for _, f := range t.files {
			if f.isTest() && strings.Contains(f.text, s.name+"(") {
				runs[f.dir()] = true
			}
		}
		for typ, methods := range t.implementations() {
			missing := slices.ContainsFunc(s.methods, func(m string) bool { return !methods[m] })
			if !missing && !runs[typ.folder] && typ.folder != "connect/connecttest" {
				complaints = append(complaints, fmt.Sprintf("%s: no test runs %s on %s", typ.folder, s.name, typ.name))
			}
		}
	}
	slices.Sort(complaints)
	return complaints
}

// implementations maps the types of folders that import connect to their methods; of Apply and Test only those that
// take one record.
func (t *tree) implementations() map[typeName]map[string]bool {
	out := map[typeName]map[string]bool{}
	for _, f := range t.code() {
		for _, d := range f.syntax.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv == nil || !takesWhatConnectHands(fn) {
				continue
			}
			key := typeName{f.dir(), receiverName(fn)}
			if out[key] == nil {
				out[key] = map[string]bool{}
			}
			out[key][fn.Name.Name] = true
		}
	}
	return out
}

func takesWhatConnectHands(fn *ast.FuncDecl) bool {
	if fn.Name.Name != "Apply" && fn.Name.Name != "Test" {
		return true
	}
	if fn.Type.Params.NumFields() != 1 {
		return false
	}
	star, ok := fn.Type.Params.List[0].Type.(*ast.StarExpr)
	if !ok {
		return false
	}
	sel, ok := star.X.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Record"
}
