package cases

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
)

// Read calls each with every line of JSON, decoded.
func Read[T any](in io.Reader, each func(*T) error) error {
	s := bufio.NewScanner(in)
	s.Buffer(nil, 64<<20)
	for s.Scan() {
		var one T
		if err := json.Unmarshal(s.Bytes(), &one); err != nil {
			return fmt.Errorf("%.200s: %w", s.Bytes(), err)
		}
		if err := each(&one); err != nil {
			return err
		}
	}
	return s.Err()
}

// Encoder returns an encoder that leaves characters as they are.
func Encoder(w io.Writer) *json.Encoder {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e
}
