package providers

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/javaregex"
	"github.com/suiro/suiro/internal/smallfile"
)

// pathParams are the parameters of providers that read files.
type pathParams struct {
	AllowedPaths []string      `config:"allowed.paths" default:"" doc:"The only files and folders to read, with all below; every one when empty."`
	TTL          time.Duration `config:"ttl.ms" default:"0" valid:"min=0" doc:"How often the values of connectors are read again, in milliseconds; 0 is never."`
}

// envParams are the parameters of the provider of environment variables.
type envParams struct {
	Allowed string `config:"allowlist.pattern" default:"" doc:"Regular expression that the whole names of the variables must match; every one when empty."`
}

// folders are where files may be read.
type folders []string

func newFolders(v config.Values) (folders, error) {
	var params pathParams
	v.Decode(&params)
	for i, path := range params.AllowedPaths {
		if !filepath.IsAbs(path) {
			return nil, config.Errors{config.Errorf("allowed.paths", path, "must be an absolute path")}
		}
		real, err := filepath.EvalSymlinks(path)
		if err != nil {
			return nil, config.Errors{config.Errorf("allowed.paths", path, "%v", err)}
		}
		params.AllowedPaths[i] = real
	}
	return params.AllowedPaths, nil
}

// check returns the absolute path, or an error when it may not be read. Where only some
// folders are allowed it is the path without symbolic links, so that none leads out of
// them.
func (f folders) check(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if len(f) == 0 {
		return path, nil
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		real = path // it does not exist; whether it is allowed does not depend on that
	}
	for _, allowed := range f {
		if real == allowed || strings.HasPrefix(real, strings.TrimSuffix(allowed, "/")+"/") {
			return real, nil
		}
	}
	return "", fmt.Errorf("%s is not within param.allowed.paths", path)
}

var _ provider = file{}

// file reads keys of properties files.
type file struct{ folders }

func newFile(v config.Values) (provider, error) {
	f, err := newFolders(v)
	return file{f}, err
}

var (
	errNoFile   = errors.New("no file is named: write ${provider:/path/to/file.properties:key}")
	errNoFolder = errors.New("no folder is named: write ${provider:/path/to/folder:file}")
	errPath     = errors.New("environment variables have no path: write ${provider:NAME}")
)

func (f file) get(path, key string) (string, error) {
	if path == "" {
		return "", errNoFile
	}
	path, err := f.check(path)
	if err != nil {
		return "", err
	}
	text, err := smallfile.ReadRegular(path)
	if err != nil {
		return "", err
	}
	props, err := config.ReadProperties(bytes.NewReader(text))
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	value, ok := props[key]
	if !ok {
		return "", fmt.Errorf("%s has no key %q", path, key)
	}
	return value, nil
}

var _ provider = directory{}

// directory reads whole files, each of which is one value.
type directory struct{ folders }

func newDirectory(v config.Values) (provider, error) {
	f, err := newFolders(v)
	return directory{f}, err
}

func (d directory) get(path, key string) (string, error) {
	if path == "" {
		return "", errNoFolder
	}
	path, err := d.check(path)
	if err != nil {
		return "", err
	}
	if key == "" || key != filepath.Base(key) || key == "." || key == ".." {
		return "", fmt.Errorf("%q is not the name of a file in %s", key, path)
	}
	path, err = d.check(filepath.Join(path, key)) // the file may be a symbolic link
	if err != nil {
		return "", err
	}
	text, err := smallfile.ReadRegular(path)
	if err != nil {
		return "", err
	}
	return string(text), nil
}

var _ provider = environment{}

// environment reads environment variables.
type environment struct{ allowed *regexp.Regexp } // nil for all

func newEnvironment(v config.Values) (provider, error) {
	var params envParams
	v.Decode(&params)
	if params.Allowed == "" {
		return environment{}, nil
	}
	allowed, err := javaregex.Whole(params.Allowed)
	if err != nil {
		return nil, config.Errors{config.Errorf("allowlist.pattern", params.Allowed, "%v", err)}
	}
	return environment{allowed}, nil
}

func (e environment) get(path, key string) (string, error) {
	if path != "" {
		return "", errPath
	}
	if e.allowed != nil && !e.allowed.MatchString(key) {
		return "", fmt.Errorf("param.allowlist.pattern does not allow %s", key)
	}
	value, ok := os.LookupEnv(key)
	if !ok {
		return "", fmt.Errorf("there is no environment variable %s", key)
	}
	return value, nil
}
