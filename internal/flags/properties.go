package flags

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/smallfile"
)

// ErrJSON is that a file holds JSON where properties are expected.
var ErrJSON = errors.New("is JSON, and a properties file is expected: lines of key=value")

// ReadProperties reads the properties file that a flag such as --config names. The
// error begins with the path and says what the file looks like when it is
// something else; for JSON it is [ErrJSON].
func ReadProperties(path string) (map[string]string, error) {
	text, err := ReadFile(path)
	if err != nil {
		return nil, err
	}
	switch first := bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\ufeff"))); {
	case len(first) > 0 && (first[0] == '{' || first[0] == '['):
		return nil, fmt.Errorf("%s: %w", path, ErrJSON)
	case bytes.IndexByte(text, 0) >= 0:
		return nil, fmt.Errorf("%s: is not text, and a properties file is expected: lines of key=value", path)
	}
	props, err := config.ReadProperties(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return props, nil
}

// ReadFile reads a file that the command line names. The error begins with the path.
func ReadFile(path string) ([]byte, error) {
	if path == "" {
		return nil, errors.New(`"": a file must have a name`)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s: is a folder: name a file in it", path)
	}
	text, err := smallfile.Read(path)
	var failed *fs.PathError
	if errors.As(err, &failed) {
		return nil, fmt.Errorf("%s: %w", path, failed.Err)
	}
	return text, err
}
