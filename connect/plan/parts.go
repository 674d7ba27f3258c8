package plan

import (
	"fmt"
	"io"
	"maps"
	"path"
	"runtime"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan/internal/below"
	"github.com/suiro/suiro/connect/plan/internal/foreign"
	"github.com/suiro/suiro/connect/plan/internal/lookup"
	"github.com/suiro/suiro/connect/plan/internal/rawheaders"
)

// parts makes what a connector's properties name: converters, transforms and
// predicates.
type parts struct {
	*findings
	worker  *Worker
	plugins connect.Plugins
	props   map[string]string // the connector's
	closers []io.Closer       // of what was made
}

// parseOwn parses the keys below a plugin's prefix; of those that it does not
// declare the lists are accepted. ok is false when there were errors.
func (p *parts) parseOwn(info connect.Info, props map[string]string, prefix string, lists ...[]foreign.Keys) (
	v config.Values, ok bool) {
	def := info.Def
	if def == nil {
		def = config.New()
	}
	before := len(p.errs)
	v, err := def.Parse(props)
	p.refuse(below.Errors(prefix, err)...)
	p.warn(v.Warnings(prefix)...)
	p.unknown(below.Unknown(props, prefix, def), prefix, def.Names(), nil, lists...)
	if err == nil {
		p.refuse(below.Errors(prefix, validate(info, v))...)
	}
	return v, len(p.errs) == before
}

// validate asks a plugin about values whose types are right.
func validate(info connect.Info, v config.Values) error {
	if info.Validate == nil {
		return nil
	}
	_, err := protect(func() (any, error) { return nil, info.Validate(v).OrNil() })
	return err
}

// construct calls a plugin's New, whose keys have the prefix, and notes what is
// to be closed or what is wrong.
func construct[T any](p *parts, prefix string, fn func() (T, error)) T {
	thing, err := protect(fn)
	if err != nil {
		p.refuse(below.Errors(prefix, err)...)
	} else if closer, ok := any(thing).(io.Closer); ok {
		p.closers = append(p.closers, closer)
	}
	return thing
}

// protect makes a panic of a plugin an error of the configuration it was given.
func protect[T any](fn func() (T, error)) (out T, err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("panic: %v%s", panicked, panickedAt())
		}
	}()
	return fn()
}

// converterProps returns the class that key names and the keys below it. A
// connector that names a class has only its own.
func (p *parts) converterProps(key string) (class string, own map[string]string) {
	own = map[string]string{}
	class = strings.TrimSpace(p.props[key])
	if class == "" {
		class = p.worker.values.String(key)
		own = below.Props(p.worker.props, key+".")
	}
	maps.Copy(own, below.Props(p.props, key+"."))
	return class, own
}

func (p *parts) makeConverter(key string, isKey bool) Converter {
	class, own := p.converterProps(key)
	plugin, info, ok := lookup.Converters(p.plugins).Find(class)
	if !ok {
		p.refuse(lookup.Converters(p.plugins).Missing(key, class))
		return Converter{}
	}
	v, ok := p.parseConverter(info, own, key)
	if !ok {
		return Converter{}
	}
	conv := construct(p, key+".", func() (connect.Converter, error) { return plugin.New(v, isKey) })
	return Converter{conv, info.Class, info.Version}
}

func (p *parts) makeHeaderConverter() HeaderConverter {
	const key = "header.converter"
	class, own := p.converterProps(key)
	if len(p.plugins.HeaderConverters) == 0 && p.props[key] == "" && !p.worker.values.IsSet(key) {
		return HeaderConverter{rawheaders.Converter{}, "rawHeaders", ""}
	}
	plugin, info, ok := lookup.HeaderConverters(p.plugins).Find(class)
	if !ok {
		p.refuse(lookup.HeaderConverters(p.plugins).Missing(key, class))
		return HeaderConverter{}
	}
	v, ok := p.parseConverter(info, own, key)
	if !ok {
		return HeaderConverter{}
	}
	conv := construct(p, key+".", func() (connect.HeaderConverter, error) { return plugin.New(v) })
	return HeaderConverter{conv, info.Class, info.Version}
}

// CheckConverters checks the converters that the worker's properties name, which
// connectors without converters of their own use. The warnings are about keys that
// have no effect; the errors are those that every such connector would have. No
// converter is made.
func CheckConverters(w *Worker, plugins connect.Plugins) (warnings []string, errs config.Errors) {
	p := &parts{findings: &findings{}, worker: w, plugins: plugins, props: w.props}
	check := func(key string, of lookup.Kind[connect.Info]) {
		class, own := p.converterProps(key)
		info, _, ok := of.Find(class)
		if !ok {
			p.refuse(of.Missing(key, class))
			return
		}
		p.parseConverter(info, own, key)
	}
	check("key.converter", lookup.Infos(lookup.Converters(plugins)))
	check("value.converter", lookup.Infos(lookup.Converters(plugins)))
	if len(plugins.HeaderConverters) > 0 || w.values.IsSet("header.converter") {
		check("header.converter", lookup.Infos(lookup.HeaderConverters(plugins)))
	}
	return p.warnings, w.resolved.Hide(p.errs)
}

// parseConverter parses the keys of the converter that key names. Warnings about
// keys of the worker's are the worker's.
func (p *parts) parseConverter(info connect.Info, own map[string]string, key string) (v config.Values, ok bool) {
	before := len(p.warnings)
	v, ok = p.parseOwn(info, own, key+".", foreign.ToConverters, foreign.ToPlugins)
	p.warnings = append(p.warnings[:before], slices.DeleteFunc(p.warnings[before:], func(w string) bool {
		name, _, _ := strings.Cut(w, " ")
		_, mine := p.props[name]
		return !mine
	})...)
	return v, ok
}

// panickedAt says where the panic that is being recovered began. A whole stack trace
// has no place in the answer to a client.
func panickedAt() string {
	var callers [64]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers[:])])
	for inPanic := false; ; {
		f, more := frames.Next()
		switch {
		case strings.HasPrefix(f.Function, "runtime."):
			inPanic = true
		case inPanic:
			return fmt.Sprintf(", in %s at %s:%d", f.Function, path.Base(f.File), f.Line)
		}
		if !more {
			return ""
		}
	}
}
