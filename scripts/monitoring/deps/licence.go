package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/google/licensecheck"
)

// licenceFile is how files are named that hold a licence, and not a list of others'.
var licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|unlicense)[^.]*(\.txt|\.md)?$`)

// known is the part of a file, in percent, that has to be the text of licences.
const known = 75

// licencesIn returns the licences of the files at the top of a module; "?" stands for a file that
// is not known, and nothing for a module without one.
func licencesIn(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, e := range entries {
		if e.IsDir() || !licenceFile.MatchString(e.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		cover := licensecheck.Scan(text)
		if cover.Percent < known {
			found = append(found, "?")
			continue
		}
		for _, m := range cover.Match {
			found = append(found, m.ID)
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}
