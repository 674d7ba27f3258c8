// Package buildinfo says which Suiro a program was built from. The answer comes
// from what the Go command stores in every binary, so that no build needs flags of
// its own and a program that imports Suiro as a module knows it too.
package buildinfo

import (
	"regexp"
	"runtime/debug"
)

// module is the path of the module whose version is told.
const module = "github.com/suiro/suiro"

// Version returns the version of Suiro that the program contains: "v1.2.3" of a
// release, a pseudo-version such as "v0.0.0-20260102030405-0123456789ab" of
// another commit, with "+dirty" after it when files were changed, and "devel"
// where the Go command does not know, as in go run and in tests.
func Version() string { return read().version }

// Revision returns the commit that Suiro was built from, whole or its first 12
// digits, or "" where the Go command does not know.
func Revision() string { return read().revision }

// String returns the version with the commit, where it adds something, and the
// version of Go: "v1.2.3 (0123456789ab, go1.26.8)".
func String() string { return read().String() }

// build is what is known of a build.
type build struct{ version, revision, golang string }

func read() build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return build{version: devel}
	}
	return of(info)
}

// devel is the version of a build that nothing is known of.
const devel = "devel"

// pseudo finds the revision in a pseudo-version.
var pseudo = regexp.MustCompile(`[-.]\d{14}-([0-9a-f]{12})(\+.*)?$`)

// of finds Suiro in a program: as the main module or as one that it requires.
func of(info *debug.BuildInfo) build {
	b := build{version: devel, golang: info.GoVersion}
	main := info.Main.Path == module
	found := &info.Main
	for _, d := range info.Deps {
		if d.Path == module && !main {
			found = d
		}
	}
	if found.Replace != nil {
		found = found.Replace
	}
	if v := found.Version; v != "" && v != "(devel)" && (main || found != &info.Main) {
		b.version = v
	}
	for _, s := range info.Settings {
		if main && s.Key == "vcs.revision" {
			b.revision = s.Value
		}
	}
	if m := pseudo.FindStringSubmatch(b.version); m != nil && b.revision == "" {
		b.revision = m[1]
	}
	return b
}

// String returns the build in one line.
func (b build) String() string {
	text := b.version + " ("
	if short := b.revision[:min(len(b.revision), 12)]; short != "" && !pseudo.MatchString(b.version) {
		text += short + ", "
	}
	return text + b.golang + ")"
}
