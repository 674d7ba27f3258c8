package doctor

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
)

// Where less is free than littleRoom there is a warning, and less than noRoom is a failure.
const (
	littleRoom = 1 << 30
	noRoom     = 16 << 20
)

// errUnknownRoom means that this system does not say how much is free.
var errUnknownRoom = errors.New("this system does not say how much is free")

// disks looks at the folders in which the worker keeps files. Everything else that workers
// buffer is in memory.
func disks(_ context.Context, e *examination) (out []*finding) {
	var folders []string
	for _, path := range []string{e.worker.OffsetFile, e.worker.ConnectorFile} {
		if path == "" {
			continue
		}
		if folder := filepath.Dir(path); !slices.Contains(folders, folder) {
			folders = append(folders, folder)
		}
	}
	for _, folder := range folders {
		f := about("folder %s", folder)
		out = append(out, f)
		free, err := room(folder)
		text := fmt.Sprintf("%d MiB free", free>>20)
		switch {
		case errors.Is(err, errUnknownRoom):
			f.note(skipped, err.Error(), "")
		case err != nil:
			f.note(failed, err.Error(), "make the folder, or check its owner")
		case free < noRoom:
			f.note(failed, text, "make room")
		case free < littleRoom:
			f.note(warning, text, "make room")
		default:
			f.note(ok, text, "")
		}
	}
	return out
}
