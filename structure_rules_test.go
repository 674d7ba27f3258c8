package suiro_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// rules is every house rule a machine can hold.
var rules = []rule{
	{"one package doc", checkPackageDocs, []broken{
		{"a/a.go", "package a\n", "no package doc"},
		{"a/a.go", "// Package a is.\n\npackage a\n", "no blank line"},
		{"a/a.go", "// Does this and that.\npackage a\n", `begin "Package a"`},
		{"cmd/tool/main.go", "// The tool.\npackage main\n", `begin "Command tool" or "Tool"`},
	}},
	{"exported names are documented", checkDocs, []broken{
		{"a/a.go", "package a\n\nfunc F() {}\n", "F has no doc"},
		{"a/a.go", "package a\n\ntype t int\n\n// T is.\ntype T struct{}\n\nfunc (T) M() {}\n", "T.M has no doc"},
		{"a/a.go", "package a\n\ntype T struct{}\n", "T has no doc"},
		{"a/a.go", "package a\n\n// I is.\ntype I interface {\n\t// L is.\n\tL()\n\tM()\n}\n", "I.M has no doc"},
		{"a/a.go", "package a\n\nvar V = 1\n", "V has no doc"},
		{"a/a.go", "package a\n\n// Makes one.\nfunc F() {}\n", "F does not begin"},
	}},
	{"walls", checkWalls, []broken{
		{"x/x.go", "package x\n\nimport _ \"github.com/IBM/sarama\"\n", "sarama"},
	}},
	{"floors", checkFloors, []broken{
		{"attic/a.go", "package a\n", "has no floor"},
		{"connectors/a/a.go", "package a\n\nimport _ \"" + module + "/connect/worker\"\n", "does not reach there"},
		{"streams/a_test.go", "package a\n\nimport _ \"" + module + "/cmd/killtest\"\n", "does not reach there"},
	}},
	{"connectors stand alone", checkConnectors, []broken{
		{"connectors/a/x/a.go", "package a\n\nimport _ \"" + module + "/connectors/b\"\n", "connectors/b"},
	}},
	{"nothing registers itself", checkInit, []broken{
		{"a/a.go", "package a\n\nfunc init() {}\n", "init()"},
	}},
	{"libraries do not print, log on their own, or exit", checkPrinting, []broken{
		{"a/a.go", "package a\n\nimport \"fmt\"\n\nfunc f() { fmt.Println() }\n", "fmt.Println"},
		{"a/a.go", "package a\n\nimport \"log\"\n\nfunc f() { log.Printf(\"\") }\n", "log.Printf"},
		{"a/a.go", "package a\n\nimport \"log/slog\"\n\nfunc f() { slog.Info(\"\") }\n", "slog.Info"},
		{"a/a.go", "package a\n\nimport \"log/slog\"\n\nvar l = slog.Default()\n", "slog.Default"},
		{"a/a.go", "package a\n\nimport \"os\"\n\nfunc f() { os.Exit(1) }\n", "os.Exit"},
	}},
	{"errors read as a path", checkErrors, []broken{
		{"a/a.go", "package a\n\nvar e = errors.New(\"failed to open\")\n", "failed to"},
		{"a/a.go", "package a\n\nvar e = fmt.Errorf(\"open %s.\", n)\n", "full stop"},
	}},
	{"sizes", checkSizes, []broken{
		{"a/a.go", "package a\n" + strings.Repeat("\n", maxFile), "lines, more than"},
		{"a/a.go", "package a\n\nfunc f() {" + strings.Repeat("\n", maxFunc) + "}\n", "f is"},
	}},
	{"types stand in one place", checkTypes, []broken{
		{"a/a.go", "package a\n\nfunc (t T) f() {" + strings.Repeat("\n", maxTypeLines) + "}\n", "find the second type"},
	}},
	{"packages hold one idea", checkPackages, []broken{
		{"a/a.go", "package a\n" + strings.Repeat("var _ = 1\n", maxPackageCode), "more than one idea"},
	}},
	{"exported fields are documented", checkFields, []broken{
		{"a/a.go", "package a\n\ntype T struct {\n\t// A is.\n\tA int\n\n\tB int\n}\n", "T.B has no comment"},
	}},
	{"nothing sleeps", checkSleep, []broken{
		{"a/a_test.go", "package a\n\nimport \"time\"\n\nfunc f() { time.Sleep(1) }\n", "time.Sleep"},
	}},
	{"lines fit", checkColumns, []broken{
		{"a/a.go", "package a\n\n// " + strings.Repeat("x ", maxGoColumns/2) + "\n", "columns"},
		{"a.md", strings.Repeat("x ", maxMarkdownColumns) + "\n", "columns"},
		{"README.md", "```\n" + strings.Repeat("x ", maxMarkdownColumns) + "\n```\n", "columns"},
	}},
	{"errors that format nothing are constant", checkConstantErrors, []broken{
		{"a/a.go", "package a\n\nvar e = fmt.Errorf(\"no \" + \"file\")\n", "errors.New"},
	}},
	{"implementations run their suites", checkSuites, []broken{
		{"a/a.go", "package a\n\nfunc (T) Apply(r *connect.Record) (*connect.Record, error) { return r, nil }\n", "RunTransform"},
		{"a/a.go", "package a\n\nfunc (T) Put()\nfunc (T) PreCommit()\n", "RunSink"},
	}},
	{"tests on real services say so", checkIntegration, []broken{
		{"a/a_test.go", "//go:build integration\n\npackage a\n", "must be named"},
		{"a/a_integration_test.go", "package a\n", "must begin with"},
	}},
	{"pages point to what exists", checkPages, []broken{
		{"a.md", "[b](b.md)\n", "leads to no file"},
		{"a.md", "# A b\n\n[here](#a-b), [there](#a-c)\n", "leads to no heading"},
		{"a.md", "See `connect/nowhere.go` and not `nowhere/else`.\n", "there is no connect/nowhere.go"},
		{"a.md", "Run\n\n    make everything  # now\n", "make has no target everything"},
		{"a.md", "```sh\nmake all-of-it\n```\n", "make has no target all-of-it"},
	}},
	{"words", checkWords, []broken{
		{"a/notes.md", "see /ro" + "ot/.cache\n", "a path of one machine"},
		{"a/notes.md", "as iss" + "ue 12 says\n", "numbered work"},
		{"a/notes.md", "GOPROXY" + "=direct\n", "a registry"},
	}},
}

// ---- package docs ---------------------------------------------------------------------

func checkPackageDocs(t *tree) (complaints []string) {
	docs := map[string][]string{} // folder -> files with a doc
	seen := map[string]*file{}    // folder -> a file of it
	for _, f := range t.files {
		if f.isTest() {
			continue
		}
		seen[f.dir()] = f
		if f.syntax.Doc != nil && !directives(f.syntax.Doc) {
			docs[f.dir()] = append(docs[f.dir()], f.path)
			complaints = append(complaints, docBegins(f)...)
		} else if c := looseDoc(f); c != "" {
			docs[f.dir()] = append(docs[f.dir()], f.path)
			complaints = append(complaints, c)
		}
	}
	for dir, f := range seen {
		switch n := len(docs[dir]); {
		case n == 0:
			complaints = append(complaints, fmt.Sprintf("%s: package %s has no package doc", dir, f.syntax.Name.Name))
		case n > 1:
			complaints = append(complaints, fmt.Sprintf("%s: %d package docs, in %s", dir, n, strings.Join(docs[dir], ", ")))
		}
	}
	slices.Sort(complaints)
	return complaints
}

// directives reports whether a comment holds nothing but //go: lines.
func directives(doc *ast.CommentGroup) bool { return strings.TrimSpace(doc.Text()) == "" }

// looseDoc finds a package doc that a blank line keeps from being one.
func looseDoc(f *file) string {
	for _, c := range f.syntax.Comments {
		if c.End() < f.syntax.Package && c != f.syntax.Doc && strings.HasPrefix(c.Text(), "Package ") {
			return f.path + ": no blank line may stand between the package doc and its package clause"
		}
	}
	return ""
}

func docBegins(f *file) []string {
	name := f.syntax.Name.Name
	begins := []string{"Package " + name}
	if f.isMain() {
		dir := f.dir()[strings.LastIndex(f.dir(), "/")+1:]
		begins = []string{"Command " + dir, strings.ToUpper(dir[:1]) + dir[1:]}
	}
	for _, b := range begins {
		if rest, ok := strings.CutPrefix(f.syntax.Doc.Text(), b); ok && strings.IndexAny(rest, " \n,") == 0 {
			return nil
		}
	}
	for i, b := range begins {
		begins[i] = strconv.Quote(b)
	}
	return []string{fmt.Sprintf("%s: the package doc must begin %s", f.path, strings.Join(begins, " or "))}
}

// ---- docs of exported names -----------------------------------------------------------

func checkDocs(t *tree) (complaints []string) {
	for _, f := range t.code() {
		for _, d := range f.syntax.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				complaints = append(complaints, funcDoc(t, f, d)...)
			case *ast.GenDecl:
				for _, s := range d.Specs {
					complaints = append(complaints, specDoc(t, f, d, s)...)
				}
			}
		}
	}
	return complaints
}

func funcDoc(t *tree, f *file, d *ast.FuncDecl) []string {
	name := d.Name.Name
	if d.Recv != nil {
		receiver := receiverName(d)
		if !ast.IsExported(receiver) {
			return nil
		}
		name = receiver + "." + name
	}
	if !d.Name.IsExported() {
		return nil
	}
	return named(f.line(t, d), name, d.Name.Name, d.Doc)
}

func receiverName(d *ast.FuncDecl) string {
	typ := d.Recv.List[0].Type
	for {
		switch x := typ.(type) {
		case *ast.StarExpr:
			typ = x.X
		case *ast.IndexExpr:
			typ = x.X
		case *ast.IndexListExpr:
			typ = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

func specDoc(t *tree, f *file, d *ast.GenDecl, s ast.Spec) (complaints []string) {
	switch s := s.(type) {
	case *ast.TypeSpec:
		if !s.Name.IsExported() {
			return nil
		}
		doc := s.Doc
		if doc == nil && len(d.Specs) == 1 {
			doc = d.Doc
		}
		complaints = named(f.line(t, s), s.Name.Name, s.Name.Name, doc)
		if i, ok := s.Type.(*ast.InterfaceType); ok {
			complaints = append(complaints, methodDocs(t, f, s.Name.Name, i, doc.Text())...)
		}
	case *ast.ValueSpec:
		// A group of constants or variables may share one comment.
		if s.Doc != nil || s.Comment != nil || d.Doc != nil {
			return nil
		}
		for _, n := range s.Names {
			if n.IsExported() {
				complaints = append(complaints, fmt.Sprintf("%s: %s has no doc comment", f.line(t, n), n.Name))
			}
		}
	}
	return complaints
}

// methodDocs wants a contract for each method: its own comment, or its name in the comment of the interface, which is
// enough for an interface of one method.
func methodDocs(t *tree, f *file, owner string, i *ast.InterfaceType, doc string) (complaints []string) {
	words := regexp.MustCompile(`\w+`).FindAllString(doc, -1)
	for _, m := range i.Methods.List {
		for _, n := range m.Names {
			own := m.Doc != nil || m.Comment != nil
			if n.IsExported() && !own && i.Methods.NumFields() > 1 && !slices.Contains(words, n.Name) {
				complaints = append(complaints, fmt.Sprintf("%s: %s.%s has no doc comment", f.line(t, n), owner, n.Name))
			}
		}
	}
	return complaints
}

// named complains when doc is missing or does not begin with the name, after an article at most.
func named(where, full, name string, doc *ast.CommentGroup) []string {
	if doc == nil || directives(doc) {
		return []string{fmt.Sprintf("%s: %s has no doc comment", where, full)}
	}
	words := strings.Fields(doc.Text())
	if slices.Contains([]string{"A", "An", "The", "Deprecated:"}, words[0]) {
		return nil
	}
	if first := strings.TrimRight(words[0], ",.:;'s"); first != strings.TrimRight(name, "s") {
		return []string{fmt.Sprintf("%s: the doc comment of %s does not begin with its name", where, full)}
	}
	return nil
}

// ---- code -----------------------------------------------------------------------------

func checkInit(t *tree) (complaints []string) {
	for _, f := range t.code() {
		for _, d := range f.syntax.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				complaints = append(complaints, f.line(t, fn)+": init() hides what a program is made of; list parts in connect/builtin/builtin.go")
			}
		}
	}
	return complaints
}

// unasked is what a library may not call, by import path.
var unasked = map[string]*regexp.Regexp{
	"fmt":      regexp.MustCompile(`^Print(f|ln)?$`),
	"log":      regexp.MustCompile(`^(Print|Fatal|Panic)|^(Default|SetOutput|SetFlags|SetPrefix)$`),
	"log/slog": regexp.MustCompile(`^(Debug|Info|Warn|Error|Log|Default|SetDefault|With)(Context|Attrs)?$`),
	"os":       regexp.MustCompile(`^Exit$`),
}

func checkPrinting(t *tree) (complaints []string) {
	for _, f := range t.code() {
		if f.isMain() || strings.HasSuffix(f.syntax.Name.Name, "test") { // a contract suite may run itself as a program
			continue
		}
		names := importNames(f.syntax)
		for _, d := range f.syntax.Decls {
			for _, call := range unaskedIn(d, names) {
				complaints = append(complaints, fmt.Sprintf("%s: %s in a library; writers and loggers are passed in, and only main exits",
					f.line(t, call), call.X.(*ast.Ident).Name+"."+call.Sel.Name))
			}
		}
	}
	return complaints
}

// unaskedIn finds what a declaration may not use. A function called Main is the main of the programs that call it.
func unaskedIn(d ast.Decl, names map[string]string) (found []*ast.SelectorExpr) {
	fn, ok := d.(*ast.FuncDecl)
	exits := ok && fn.Recv == nil && fn.Name.Name == "Main"
	ast.Inspect(d, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		x, ok := sel.X.(*ast.Ident)
		if !ok {
			return true
		}
		bad := unasked[names[x.Name]]
		if bad != nil && bad.MatchString(sel.Sel.Name) && (!exits || names[x.Name] != "os") {
			found = append(found, sel)
		}
		return true
	})
	return found
}

// importNames maps the names a file calls its imports by to their paths.
func importNames(f *ast.File) map[string]string {
	names := map[string]string{}
	for _, s := range f.Imports {
		p, _ := strconv.Unquote(s.Path.Value)
		name := p[strings.LastIndex(p, "/")+1:]
		if s.Name != nil {
			name = s.Name.Name
		}
		names[name] = p
	}
	return names
}

func checkErrors(t *tree) (complaints []string) {
	for _, f := range t.code() {
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			text, ok := call.Args[0].(*ast.BasicLit)
			if !ok || text.Kind != token.STRING || !isErrorCall(call.Fun) {
				return true
			}
			s, _ := strconv.Unquote(text.Value)
			if strings.Contains(strings.ToLower(s), "failed to ") {
				complaints = append(complaints, fmt.Sprintf("%s: error text says \"failed to\"; name the operation, then the cause", f.line(t, text)))
			}
			if strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "...") {
				complaints = append(complaints, f.line(t, text)+": error text ends with a full stop")
			}
			return true
		})
	}
	return complaints
}

func isErrorCall(fun ast.Expr) bool {
	sel, ok := fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	x, ok := sel.X.(*ast.Ident)
	return ok && (x.Name == "errors" && sel.Sel.Name == "New" || x.Name == "fmt" && sel.Sel.Name == "Errorf")
}

// Lines a file and a function may have. A function fits on a screen or two, a file is read in one sitting.
const (
	maxFile = 450
	maxFunc = 50
)

func checkSizes(t *tree) (complaints []string) {
	for _, f := range t.code() {
		if n := strings.Count(f.text, "\n"); n > maxFile {
			complaints = append(complaints, fmt.Sprintf("%s: %d lines, more than %d: split it by meaning", f.path, n, maxFile))
		}
		for _, d := range f.syntax.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if n := t.fset.Position(fn.End()).Line - t.fset.Position(fn.Pos()).Line + 1; n > maxFunc {
				complaints = append(complaints, fmt.Sprintf("%s: %s is %d lines long, more than %d", f.line(t, fn), fn.Name.Name, n, maxFunc))
			}
		}
	}
	return complaints
}

// checkIntegration keeps `go test ./...` free of real services, and all that need them within reach of scripts/test.
func checkIntegration(t *tree) (complaints []string) {
	const constraint = "//go:build integration\n"
	for _, f := range t.files {
		tagged := strings.HasPrefix(f.text, constraint) || strings.Contains(f.text, "\n"+constraint)
		switch suffixed := strings.HasSuffix(f.path, "_integration_test.go"); {
		case tagged && !suffixed:
			complaints = append(complaints, f.path+": a test built with the integration tag must be named *_integration_test.go")
		case suffixed && !tagged:
			complaints = append(complaints, f.path+": an integration test must begin with "+strings.TrimSpace(constraint))
		}
	}
	return complaints
}

// ---- words ----------------------------------------------------------------------------

// words lists what no file of the project may say. The expressions are written so that they do not match themselves.
var words = []struct {
	match *regexp.Regexp
	why   string
}{
	{regexp.MustCompile(`(^|[^\w.~/-])/(root/(\.|go/)|home/\w|Users/\w)`), "a path of one machine: it exists nowhere else"},
	{regexp.MustCompile(`(?i)\b(issue|ticket|milestone) #?[0-9]+\b`), "numbered work: say why instead, the number means nothing to a reader"},
	{regexp.MustCompile(`(?i)\b(GOPROXY=|GOSUMDB=|proxy\.golang\.\w+|repo1?\.maven\.|deb\.debian\.|index[-]url)`), "a registry: the machine's own settings choose it"},
}

func checkWords(t *tree) (complaints []string) {
	for _, f := range t.all {
		if strings.HasPrefix(f.path, "structure_") {
			continue
		}
		for _, w := range words {
			at := w.match.FindStringIndex(f.text)
			if at == nil {
				continue
			}
			line := strings.Count(f.text[:at[0]], "\n") + 1
			complaints = append(complaints, fmt.Sprintf("%s:%d: %q is %s", f.path, line, f.text[at[0]:at[1]], w.why))
		}
	}
	return complaints
}
