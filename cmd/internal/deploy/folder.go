package deploy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/suiro/suiro/internal/configfiles"
)

// readAll reads the connectors that the arguments name, by name. The error has all that is
// wrong with the files.
func readAll(args []string) ([]configfiles.Connector, error) {
	files, err := configfiles.Files(args)
	if err != nil {
		return nil, err
	}
	var out []configfiles.Connector
	var errs []error
	of := map[string]string{}
	for _, file := range files {
		c, err := configfiles.ReadConnector(file)
		switch {
		case err != nil:
			errs = append(errs, err)
			continue
		case of[c.Name] != "":
			errs = append(errs, fmt.Errorf("%s: connector %s is also in %s: give one of them another name", file, c.Name,
				of[c.Name]))
		}
		of[c.Name] = file
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b configfiles.Connector) int { return strings.Compare(a.Name, b.Name) })
	return out, errors.Join(errs...)
}
