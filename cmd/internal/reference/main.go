// Reference writes the pages of docs/reference from the definitions in the code: the keys of
// workers, connectors, plugins, clients and stream apps, the metrics, the REST API and the help of
// every command.
//
//	go run ./cmd/internal/reference docs/reference
//
// Its test fails when a page is stale or was edited by hand.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

//go:generate go run . ../../../docs/reference

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: reference FOLDER")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "reference:", err)
		os.Exit(1)
	}
}

// write makes folder hold the pages and no other Markdown.
func write(folder string) error {
	all := pages()
	old, err := existing(folder)
	if err != nil {
		return err
	}
	for _, name := range old {
		if !slices.ContainsFunc(all, func(p *page) bool { return p.path == name }) {
			err = errors.Join(err, os.Remove(filepath.Join(folder, name)))
		}
	}
	for _, p := range all {
		file := filepath.Join(folder, p.path)
		err = errors.Join(err, os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(p.text()), 0o644))
	}
	return err
}

// existing lists the Markdown files in folder, with slashes and relative to it. A folder that does not exist
// has none.
func existing(folder string) (names []string, err error) {
	err = filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil && path == folder && errors.Is(err, os.ErrNotExist) {
			return filepath.SkipDir
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".md") {
			return err
		}
		name, err := filepath.Rel(folder, path)
		names = append(names, filepath.ToSlash(name))
		return err
	})
	return names, err
}
