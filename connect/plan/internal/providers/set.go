package providers

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/suiro/suiro/connect/config"
)

// Key lists the names of a worker's providers; their own keys are below it.
const Key = "config.providers"

// provider finds values.
type provider interface {
	// get returns the value of a key below a path. The error names what is missing
	// and never a value.
	get(path, key string) (string, error)
}

// class is a class of providers.
type class struct {
	name   string // without javaPackage
	def    *config.Def
	create func(config.Values) (provider, error)
}

const javaPackage = "org.apache.kafka.common.config.provider."

func classes() []class {
	return []class{
		{"DirectoryConfigProvider", config.For[pathParams](), newDirectory},
		{"EnvVarConfigProvider", config.For[envParams](), newEnvironment},
		{"FileConfigProvider", config.For[pathParams](), newFile},
	}
}

// ttlKey is the key of a provider that says how long its values are good for.
const ttlKey = "ttl.ms"

// Set are the providers of a worker.
type Set struct {
	named map[string]provider
	ttls  map[string]time.Duration // of those that have one
}

// New makes the providers that a worker's properties list in names. The errors are
// about the keys below config.providers.
func New(names []string, props map[string]string) (*Set, config.Errors) {
	s := &Set{named: map[string]provider{}, ttls: map[string]time.Duration{}}
	var errs config.Errors
	for _, name := range names {
		p, ttl, err := newProvider(name, props)
		s.named[name], errs = p, append(errs, err...)
		if ttl > 0 {
			s.ttls[name] = ttl
		}
	}
	return s, append(errs, unlisted(names, props)...)
}

// newProvider makes the provider of a name, whose values are good for ttl, or without
// end when it is 0. After an error the provider is nil.
func newProvider(name string, props map[string]string) (p provider, ttl time.Duration, errs config.Errors) {
	prefix := Key + "." + name + "."
	written := strings.TrimSpace(props[prefix+"class"])
	if written == "" {
		return nil, 0, config.Errors{config.MissingKey(prefix + "class")}
	}
	i := slices.IndexFunc(classes(), func(c class) bool { return written == c.name || written == javaPackage+c.name })
	if i < 0 {
		return nil, 0, config.Errors{noClass(prefix+"class", written)}
	}
	c := classes()[i]
	params := map[string]string{}
	for key, value := range props {
		rest, own := strings.CutPrefix(key, prefix)
		param, isParam := strings.CutPrefix(rest, "param.")
		switch _, known := c.def.Key(param); {
		case !own || rest == "class":
		case isParam && known:
			params[param] = value
		default:
			errs = append(errs, config.UnknownKey(key, paramKeys(prefix, c.def)))
		}
	}
	slices.SortFunc(errs, func(a, b config.KeyError) int { return strings.Compare(a.Key, b.Key) })
	v, err := c.def.Parse(params)
	if err != nil {
		return nil, 0, append(errs, below(prefix+"param.", err)...)
	}
	if _, ok := c.def.Key(ttlKey); ok {
		ttl = v.Millis(ttlKey)
	}
	p, err = c.create(v)
	return p, ttl, append(errs, below(prefix+"param.", err)...)
}

// noClass is the error for a class that there is not.
func noClass(key, written string) config.KeyError {
	var names []string
	for _, c := range classes() {
		names = append(names, c.name)
	}
	if near := config.Nearest(written[strings.LastIndexByte(written, '.')+1:], names); near != "" {
		return config.Errorf(key, written, "there is no such config provider, did you mean %q?", near)
	}
	return config.Errorf(key, written, "there is no such config provider, available are: %s; secrets that are mounted "+
		"as files are read by DirectoryConfigProvider", strings.Join(names, ", "))
}

func paramKeys(prefix string, def *config.Def) []string {
	keys := []string{prefix + "class"}
	for _, name := range def.Names() {
		keys = append(keys, prefix+"param."+name)
	}
	return keys
}

// below puts a prefix in front of the keys of an error.
func below(prefix string, err error) config.Errors {
	errs, ok := err.(config.Errors)
	if err != nil && !ok {
		return config.Errors{config.Errorf(strings.TrimSuffix(prefix, "."), "", "%v", err)}
	}
	for i := range errs {
		errs[i].Key = prefix + errs[i].Key
	}
	return errs
}

// unlisted finds keys of providers that are not in names.
func unlisted(names []string, props map[string]string) (errs config.Errors) {
	for key := range props {
		rest, ok := strings.CutPrefix(key, Key+".")
		name, _, _ := strings.Cut(rest, ".")
		if ok && !slices.Contains(names, name) {
			e := config.UnknownKey(key, nil)
			e.Message += fmt.Sprintf(": %q is not in %s: add it there", name, Key)
			errs = append(errs, e)
		}
	}
	slices.SortFunc(errs, func(a, b config.KeyError) int { return strings.Compare(a.Key, b.Key) })
	return errs
}

// reference is ${provider:path:key} or ${provider:key}, as Kafka reads it.
var reference = regexp.MustCompile(`\$\{([^}]*?):(?:([^}]*?):)?([^}]*?)\}`)

// Resolve replaces the references in the values of props, but for those of comments
// and of the providers' own keys. The errors are about references that nothing
// resolves.
func (s *Set) Resolve(props map[string]string) (*Resolved, config.Errors) {
	left := budget{mostReferences, mostBytes}
	out := &Resolved{Props: make(map[string]string, len(props)), raw: map[string]string{}, failed: map[string]bool{}}
	var errs config.Errors
	for key, value := range props {
		out.Props[key] = value
		if !strings.Contains(value, "${") || isComment(key) || strings.HasPrefix(key, Key) {
			continue
		}
		out.Props[key] = reference.ReplaceAllStringFunc(value, func(ref string) string {
			text, err := left.take(s, ref)
			if err != nil {
				errs = append(errs, config.Errorf(key, ref, "%v", err))
				out.failed[key] = true
				return ref
			}
			out.raw[key] = value
			out.goodFor(s.ttls[reference.FindStringSubmatch(ref)[1]])
			out.secrets = append(out.secrets, text)
			return text
		})
	}
	slices.SortFunc(errs, func(a, b config.KeyError) int { return strings.Compare(a.Key, b.Key) })
	return out, errs
}

// mostReferences and mostBytes bound what the references of some properties become,
// which is read from files again and again and may be long.
const (
	mostReferences = 1000
	mostBytes      = 4 << 20
)

// budget is what may still be resolved.
type budget struct{ references, bytes int }

// take looks up a reference.
func (b *budget) take(s *Set, ref string) (string, error) {
	if b.references--; b.references < 0 {
		return "", fmt.Errorf("there are more than %d references", mostReferences)
	}
	text, err := s.lookUp(ref)
	if b.bytes -= len(text); b.bytes < 0 && err == nil {
		return "", fmt.Errorf("what the references stand for is longer than %d MiB", mostBytes>>20)
	}
	return text, err
}

func isComment(key string) bool { return strings.HasPrefix(key, "_") || strings.HasPrefix(key, "//") }

func (s *Set) lookUp(ref string) (string, error) {
	part := reference.FindStringSubmatch(ref)
	name, path, key := part[1], part[2], part[3]
	var p provider
	ok := false
	if s != nil {
		p, ok = s.named[name]
	}
	switch {
	case !ok:
		return "", fmt.Errorf("the worker has no config provider %q to resolve it: set %s=%s and %s.%s.class=%s in the "+
			"worker's file", name, Key, name, Key, name, usualClass(name))
	case p == nil:
		return "", fmt.Errorf("the worker's config provider %q is not configured right", name)
	}
	text, err := p.get(path, key)
	if err != nil {
		return "", fmt.Errorf("ask config provider %q: %w", name, err)
	}
	return text, nil
}

// usualClass is the class that people give a name.
func usualClass(name string) string {
	switch {
	case strings.HasPrefix(name, "env"):
		return "EnvVarConfigProvider"
	case strings.HasPrefix(name, "dir"), strings.HasPrefix(name, "secret"):
		return "DirectoryConfigProvider"
	}
	return "FileConfigProvider"
}
