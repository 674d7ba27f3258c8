package configfiles

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Files are those of connectors that paths name. A folder stands for what is in it and
// below: JSON, YAML and properties, but for files of workers, those with tests, whose names
// end with .test.yaml, and what is hidden. A folder without any is an error.
func Files(paths []string) (files []string, err error) {
	for _, path := range paths {
		info, err := os.Stat(path)
		switch {
		case err != nil:
			var failed *fs.PathError
			if errors.As(err, &failed) {
				err = failed.Err
			}
			return nil, fmt.Errorf("%s: %w", path, err)
		case !info.IsDir():
			files = append(files, path)
			continue
		}
		below, err := filesBelow(path)
		if err != nil {
			return nil, err
		}
		files = append(files, below...)
	}
	var distinct []string
	for _, file := range files {
		if !slices.Contains(distinct, file) {
			distinct = append(distinct, file)
		}
	}
	return distinct, nil
}

// endings are those of the files that a folder is searched for.
var endings = []string{".json", ".yaml", ".yml", ".properties"}

func filesBelow(folder string) (files []string, err error) {
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		hidden := strings.HasPrefix(d.Name(), ".") && path != folder
		switch {
		case err != nil:
			return err
		case d.IsDir() && hidden:
			return fs.SkipDir
		case d.IsDir() || hidden || !slices.Contains(endings, strings.ToLower(filepath.Ext(path))),
			strings.HasSuffix(path, ".test.yaml"):
			return nil
		}
		if _, err := ReadConnector(path); !errors.Is(err, ErrWorker) {
			files = append(files, path)
		}
		return nil
	})
	if err == nil && len(files) == 0 {
		return nil, fmt.Errorf("%s: holds no connectors: their files end with %s", folder, strings.Join(endings, ", "))
	}
	return files, err
}
