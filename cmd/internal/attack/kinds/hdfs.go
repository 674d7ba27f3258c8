package kinds

import (
	"errors"
	"fmt"
	"path"
)

// PlantInHDFS writes a file of HDFS, and makes its folders.
func (f *Field) PlantInHDFS(name, text string) error {
	if err := f.Storage.MkdirAll(path.Dir(name)); err != nil {
		return fmt.Errorf("plant %s: %w", name, err)
	}
	out, err := f.Storage.Create(name)
	if err != nil {
		return fmt.Errorf("plant %s: %w", name, err)
	}
	_, err = out.Write([]byte(text))
	return errors.Join(err, out.Close())
}
