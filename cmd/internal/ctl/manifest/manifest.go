// Package manifest reads the files that say what connectors there should be, and says
// what they would change.
package manifest

import (
	"errors"
	"fmt"
	"io"

	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/configfiles"
	"github.com/suiro/suiro/internal/flags"
	"github.com/suiro/suiro/internal/smallfile"
)

// Read reads the connector of a file, or of in when the path is "-": JSON, properties or
// YAML. The error begins with the path.
func Read(path string, in io.Reader) (api.CreateConnectorRequest, error) {
	text, err := Text(path, in)
	if err != nil {
		return api.CreateConnectorRequest{}, err
	}
	c, err := configfiles.ParseNamed(path, text)
	if errors.Is(err, configfiles.ErrWorker) {
		err = errors.New("is a worker's configuration: a file holds one connector")
	}
	if err != nil {
		return c, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// Text reads a file, or in when the path is "-".
func Text(path string, in io.Reader) ([]byte, error) {
	if path != "-" {
		return flags.ReadFile(path)
	}
	text, err := io.ReadAll(io.LimitReader(in, smallfile.MaxBytes+1))
	if err == nil && len(text) > smallfile.MaxBytes {
		err = fmt.Errorf("has more than %d MiB", smallfile.MaxBytes>>20)
	}
	if err != nil {
		return nil, fmt.Errorf("standard input: %w", err)
	}
	return text, nil
}
