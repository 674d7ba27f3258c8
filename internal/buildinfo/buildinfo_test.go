package buildinfo

import (
	"runtime/debug"
	"testing"
)

// What the Go command stores: go build in a checkout with and without a tag and
// with changed files, go install of a version, go run, a program that requires
// Suiro, and one that replaces it by a folder.
func TestVersionAndRevisionOfEveryKindOfBuild(t *testing.T) {
	const commit = "7adf28d140387effeaea49a6bf963a8d113730c6"
	const untagged = "v0.0.0-20261128194631-7adf28d14038"
	stamp := []debug.BuildSetting{{Key: "vcs", Value: "git"}, {Key: "vcs.revision", Value: commit}}
	main := func(version string, settings ...debug.BuildSetting) *debug.BuildInfo {
		return &debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Path: module, Version: version}, Settings: settings}
	}
	requires := func(d debug.Module) *debug.BuildInfo {
		return &debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Path: "example.org/worker", Version: "v9.9.9"},
			Deps: []*debug.Module{{Path: "example.org/other", Version: "v8.8.8"}, &d}, Settings: stamp}
	}
	for name, c := range map[string]struct {
		info                    *debug.BuildInfo
		version, revision, line string
	}{
		"a tagged checkout": {main("v0.1.0", stamp...), "v0.1.0", commit, "v0.1.0 (7adf28d14038, go1.26.8)"},
		"a checkout":        {main(untagged, stamp...), untagged, commit, untagged + " (go1.26.8)"},
		"changed files": {main(untagged+"+dirty", stamp...), untagged + "+dirty", commit,
			untagged + "+dirty (go1.26.8)"},
		"go install of a tag":    {main("v0.1.0"), "v0.1.0", "", "v0.1.0 (go1.26.8)"},
		"go install of a branch": {main(untagged), untagged, "7adf28d14038", untagged + " (go1.26.8)"},
		"a branch after a tag": {main("v0.1.1-0.20261128194631-7adf28d14038"), "v0.1.1-0.20261128194631-7adf28d14038",
			"7adf28d14038", "v0.1.1-0.20261128194631-7adf28d14038 (go1.26.8)"},
		"go run":               {main("(devel)"), "devel", "", "devel (go1.26.8)"},
		"a test":               {main(""), "devel", "", "devel (go1.26.8)"},
		"required":             {requires(debug.Module{Path: module, Version: "v0.1.0"}), "v0.1.0", "", "v0.1.0 (go1.26.8)"},
		"required of a commit": {requires(debug.Module{Path: module, Version: untagged}), untagged, "7adf28d14038", untagged + " (go1.26.8)"},
		"replaced by a folder": {requires(debug.Module{Path: module, Version: "v0.1.0",
			Replace: &debug.Module{Path: "../suiro"}}), "devel", "", "devel (go1.26.8)"},
		"not there": {requires(debug.Module{Path: "example.org/third", Version: "v7.7.7"}), "devel", "", "devel (go1.26.8)"},
	} {
		got := of(c.info)
		if got.version != c.version || got.revision != c.revision || got.String() != c.line {
			t.Errorf("%s: version %q, revision %q, line %q, want %q, %q, %q",
				name, got.version, got.revision, got, c.version, c.revision, c.line)
		}
	}
}
