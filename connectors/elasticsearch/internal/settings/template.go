package settings

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// maxTemplate bounds the file of a template, in bytes.
const maxTemplate = 1 << 20

// Template is what an index is created with, as the request to create an index
// takes it.
type Template struct {
	// Settings, Mappings and Aliases are left out when they are empty.
	Settings json.RawMessage `json:"settings,omitempty"`
	Mappings json.RawMessage `json:"mappings,omitempty"`
	Aliases  json.RawMessage `json:"aliases,omitempty"`
}

// readTemplate reads a file that holds an index template, in the form in which
// Elasticsearch takes one. Only its field template counts here: which indices it is
// for, the sink knows.
func readTemplate(path string) (*Template, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxTemplate+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxTemplate {
		return nil, fmt.Errorf("%s has more than %d bytes, which is more than a template has", path, maxTemplate)
	}
	var file struct{ Template *Template }
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("%s is not the JSON of an index template", path)
	}
	if file.Template == nil || len(file.Template.Mappings) == 0 {
		return nil, errors.New(path + ` has no mappings in its field "template"; write it as Elasticsearch's ` +
			"PUT _index_template takes it")
	}
	return file.Template, nil
}
