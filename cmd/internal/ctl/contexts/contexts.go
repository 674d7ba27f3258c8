// Package contexts keeps the clusters that a person steers, by name, in a file of their
// own: addresses and logins, and which of them is meant when none is named.
package contexts

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/smallfile"
)

// Variable is the environment variable that names the file instead of the person's
// folder for configuration.
const Variable = "SUIRO_CONTEXTS"

// Context is one cluster and how to log in to it.
type Context struct {
	// Name is how the person calls it.
	Name string `json:"name"`
	// URLs are where its workers answer, one at least.
	URLs []string `json:"urls"`
	// User and Password are for HTTP basic authentication, Token for a bearer.
	User     string `json:"user,omitempty"`
	Password string `json:"password,omitempty"`
	Token    string `json:"token,omitempty"`
	// CA is the PEM file of the authorities to trust; those of the system when empty.
	CA string `json:"ca_file,omitempty"`
	// Cert and Key are the PEM files of the client's certificate and its private key.
	Cert string `json:"cert_file,omitempty"`
	Key  string `json:"key_file,omitempty"`
	// Insecure trusts whoever answers.
	Insecure bool `json:"insecure,omitempty"`
}

// File are all contexts of a person.
type File struct {
	// Current is the name of the context that is meant when none is named; empty for
	// none.
	Current string `json:"current"`
	// Contexts are sorted by name.
	Contexts []Context `json:"contexts"`

	path string
}

// Path is where the file is.
func Path() (string, error) {
	if path := os.Getenv(Variable); path != "" {
		return path, nil
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("find the folder for configuration: %w: set %s to a file", err, Variable)
	}
	return filepath.Join(dir, "suiro", "contexts.json"), nil
}

// Read reads the file. One that does not exist has no contexts. The error is not nil
// when others may read a password in it.
func Read() (*File, error) {
	path, err := Path()
	if err != nil {
		return nil, err
	}
	f := &File{path: path}
	text, err := smallfile.Read(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return f, nil
	case err != nil:
		return nil, fmt.Errorf("read the contexts: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(f); err != nil {
		return nil, fmt.Errorf("read the contexts: %s: %w: mend or remove the file", path, err)
	}
	return f, f.checkMode()
}

// checkMode refuses a file whose secrets others may read.
func (f *File) checkMode() error {
	secret := func(c Context) bool { return c.Password+c.Token != "" }
	if runtime.GOOS == "windows" || !slices.ContainsFunc(f.Contexts, secret) {
		return nil
	}
	info, err := os.Stat(f.path)
	if err != nil {
		return fmt.Errorf("read the contexts: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("read the contexts: %s holds a login and others may read it: chmod 600 %[1]s", f.path)
	}
	return nil
}

// Find returns a context by its name, the current one when that is empty. ok is false
// when no name is given and no context is current.
func (f *File) Find(name string) (c Context, ok bool, err error) {
	if name == "" {
		name = f.Current
	}
	if name == "" {
		return Context{}, false, nil
	}
	i := slices.IndexFunc(f.Contexts, func(c Context) bool { return c.Name == name })
	if i >= 0 {
		return f.Contexts[i], true, nil
	}
	if near := config.Nearest(name, f.names()); near != "" {
		return Context{}, false, fmt.Errorf("there is no context %s, did you mean %s?", name, near)
	}
	return Context{}, false, fmt.Errorf("there is no context %s: suiro ctl config get-contexts lists all", name)
}

func (f *File) names() (names []string) {
	for _, c := range f.Contexts {
		names = append(names, c.Name)
	}
	return names
}

// Set adds a context, or replaces the one of its name. The first becomes the current
// one.
func (f *File) Set(c Context) {
	f.Delete(c.Name)
	at, _ := slices.BinarySearchFunc(f.Contexts, c.Name, func(e Context, name string) int {
		switch {
		case e.Name < name:
			return -1
		case e.Name > name:
			return 1
		}
		return 0
	})
	f.Contexts = slices.Insert(f.Contexts, at, c)
	if f.Current == "" || len(f.Contexts) == 1 {
		f.Current = c.Name
	}
}

// Delete removes a context by its name, and reports whether there was one.
func (f *File) Delete(name string) bool {
	before := len(f.Contexts)
	f.Contexts = slices.DeleteFunc(f.Contexts, func(c Context) bool { return c.Name == name })
	return len(f.Contexts) < before
}

// Write replaces the file at once, so that a crash leaves the old one. Only the person
// may read it.
func (f *File) Write() error {
	if !slices.Contains(f.names(), f.Current) {
		f.Current = ""
	}
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return fmt.Errorf("write the contexts: %w", err)
	}
	dir := filepath.Dir(f.path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("write the contexts: %w", err)
	}
	next, err := os.CreateTemp(dir, ".contexts-*") // which only the person may read
	if err != nil {
		return fmt.Errorf("write the contexts: %w", err)
	}
	_, err = next.Write(append(text, '\n'))
	if err = errors.Join(err, next.Sync(), next.Close()); err == nil {
		err = os.Rename(next.Name(), f.path)
	}
	if err != nil {
		return fmt.Errorf("write the contexts: %w", errors.Join(err, os.Remove(next.Name())))
	}
	return nil
}
