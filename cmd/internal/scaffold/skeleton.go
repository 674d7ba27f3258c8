package scaffold

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/builtin"
)

// templates are the files of each kind. Those of plugin are for all plugins, and go.mod.tmpl is for
// all kinds.
//
//go:embed templates
var templates embed.FS

// skeleton is a module that is to be written.
type skeleton struct {
	kind string // source, sink, converter, transform or app

	// Name is the folder and the command, Package the Go package of a plugin, Type its Go type, and
	// Class what configurations call it.
	Name, Package, Type, Class string
	// Module is the path of the module, Version that of Suiro which it requires, or empty, and
	// Replace the folder with Suiro's sources, or empty.
	Module, Version, Replace string
	// Kind is what the README calls it.
	Kind string
}

var (
	validName   = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	validModule = regexp.MustCompile(`^[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*$`)
)

// reserved are names that a package or a folder of a module cannot have, or that main.go uses.
var reserved = []string{"builtin", "cli", "internal", "main", "testdata", "vendor"}

// kinds are the words for each kind.
var kinds = map[string]string{"source": "source connector", "sink": "sink connector", "converter": "converter",
	"transform": "transform", "app": "stream app"}

func newSkeleton(kind, name, module, replace string) (*skeleton, error) {
	if !validName.MatchString(name) {
		return nil, fmt.Errorf("%q: %w", name, errName)
	}
	s := &skeleton{kind: kind, Name: name, Package: strings.ReplaceAll(name, "-", ""), Type: typeName(name),
		Module: module, Version: released(), Kind: kinds[kind]}
	s.Class = s.Package + "." + s.Type
	if s.Module == "" {
		s.Module = "example.com/" + name
	}
	if !validModule.MatchString(s.Module) {
		return nil, fmt.Errorf("--module %q: the path of a module is words with slashes between, such as example.com/%s",
			module, name)
	}
	if token.IsKeyword(s.Package) || slices.Contains(reserved, s.Package) {
		return nil, fmt.Errorf("%q cannot be the name of the Go package: choose another, such as my-%s", name, name)
	}
	if kind != "app" && taken(s.Type) {
		return nil, fmt.Errorf("there is a plugin %s in Suiro: choose another name, such as my-%s", s.Type, name)
	}
	return s, s.replaceWith(replace)
}

// typeName is the name as Go writes types: OrdersApi for orders-api.
func typeName(name string) string {
	var out strings.Builder
	for word := range strings.SplitSeq(name, "-") {
		out.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return out.String()
}

// taken reports whether Suiro has a plugin of that name.
func taken(name string) bool {
	p := builtin.Plugins()
	var infos []connect.Info
	for _, i := range p.Sources {
		infos = append(infos, i.Info)
	}
	for _, i := range p.Sinks {
		infos = append(infos, i.Info)
	}
	for _, i := range p.Converters {
		infos = append(infos, i.Info)
	}
	for _, i := range p.Transforms {
		infos = append(infos, i.Info)
	}
	return slices.ContainsFunc(infos, func(i connect.Info) bool { return i.Is(name) || i.Is(name+"$Value") })
}

// replaceWith makes the module use Suiro's sources in a folder.
func (s *skeleton) replaceWith(folder string) error {
	if folder == "" {
		return nil
	}
	full, err := filepath.Abs(folder)
	if err != nil {
		return fmt.Errorf("--replace: %w", err)
	}
	text, err := os.ReadFile(filepath.Join(full, "go.mod"))
	if err != nil || !bytes.HasPrefix(text, []byte("module github.com/suiro/suiro\n")) {
		return fmt.Errorf("--replace %s: the folder does not have Suiro's go.mod: name a checkout of Suiro", folder)
	}
	s.Version, s.Replace = "v0.0.0", filepath.ToSlash(full)
	if strings.ContainsAny(s.Replace, " \t\"'`") {
		s.Replace = fmt.Sprintf("%q", s.Replace)
	}
	return nil
}

// write writes the files into a new folder, and returns their names. It writes over nothing.
func (s *skeleton) write() ([]string, error) {
	files, err := s.files()
	if err != nil {
		return nil, err
	}
	if err := os.Mkdir(s.Name, 0o777); errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("write the module: %s is there already, and nothing is written over: choose another name, or "+
			"move it away", s.Name)
	} else if err != nil {
		return nil, fmt.Errorf("write the module: %w", err)
	}
	var names []string
	for _, name := range sortedNames(files) {
		path := filepath.Join(s.Name, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return nil, fmt.Errorf("write the module: %w", err)
		}
		if err := os.WriteFile(path, files[name], 0o666); err != nil {
			return nil, fmt.Errorf("write the module: %w", err)
		}
		names = append(names, path)
	}
	return names, nil
}

func sortedNames(files map[string][]byte) (names []string) {
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// files are the contents of all files by their paths in the module.
func (s *skeleton) files() (map[string][]byte, error) {
	files := map[string][]byte{}
	all, err := template.ParseFS(templates, "templates/go.mod.tmpl")
	if err != nil {
		return nil, err
	}
	if files["go.mod"], err = s.fill(all); err != nil {
		return nil, err
	}
	folders := []string{s.kind}
	if s.kind != "app" {
		folders = append(folders, "plugin")
	}
	for _, folder := range folders {
		list, err := templates.ReadDir("templates/" + folder)
		if err != nil {
			return nil, err
		}
		for _, f := range list {
			t, err := template.ParseFS(templates, "templates/"+folder+"/"+f.Name())
			if err != nil {
				return nil, err
			}
			if files[s.pathOf(f.Name())], err = s.fill(t); err != nil {
				return nil, err
			}
		}
	}
	return files, nil
}

// pathOf is where the file of a template goes: those of a plugin into the folder of its package.
func (s *skeleton) pathOf(name string) string {
	name = strings.TrimSuffix(name, ".tmpl")
	if rest, ok := strings.CutPrefix(name, "plugin"); ok {
		return s.Package + "/" + s.Package + rest
	}
	return name
}

func (s *skeleton) fill(t *template.Template) ([]byte, error) {
	var out bytes.Buffer
	err := t.Execute(&out, s)
	return out.Bytes(), err
}
