package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// module is one dependency.
type module struct {
	Path, Version, Dir string
	// Time is when the version was released.
	Time time.Time
	// Update is a newer release, nil when there is none.
	Update *module
	// Error says why newer releases are not known, nil when they are.
	Error *struct{ Err string }
	// Indirect says that only other dependencies need it.
	Indirect bool
	// Built says that it is part of a binary, and not of tests alone.
	Built bool
	// Licences are the SPDX names of its licences.
	Licences []string
}

// modules lists what go.mod in root requires, with the newest releases.
func modules(root string) ([]module, error) {
	if _, err := goCommand(root, "mod", "download"); err != nil {
		return nil, err
	}
	out, err := goCommand(root, "mod", "edit", "-json")
	if err != nil {
		return nil, err
	}
	var file struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	if err := json.Unmarshal(out, &file); err != nil {
		return nil, fmt.Errorf("read go.mod: %w", err)
	}
	built, err := builtInto(root)
	if err != nil {
		return nil, err
	}
	args := []string{"list", "-m", "-u", "-e", "-json"} // -e: a proxy may not list the versions of all
	for _, r := range file.Require {
		args = append(args, r.Path)
	}
	if out, err = goCommand(root, args...); err != nil {
		return nil, err
	}
	list := make([]module, 0, len(file.Require))
	for in := json.NewDecoder(bytes.NewReader(out)); ; {
		var m module
		err := in.Decode(&m)
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read the list of modules: %w", err)
		}
		m.Built = built[m.Path]
		list = append(list, m)
	}
}

// builtInto returns the modules whose packages are in a binary.
func builtInto(root string) (map[string]bool, error) {
	out, err := goCommand(root, "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", "./cmd/suiro", "./examples/...")
	if err != nil {
		return nil, err
	}
	built := map[string]bool{}
	for _, path := range strings.Fields(string(out)) {
		built[path] = true
	}
	return built, nil
}

// goCommand runs the go command in a folder and returns what it prints.
func goCommand(dir string, args ...string) ([]byte, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w", strings.Join(args[:2], " "), err)
	}
	return out, nil
}
