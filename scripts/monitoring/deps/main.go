// Command deps writes THIRD-PARTY.md: every module that Suiro is built or tested with, its
// licence, when it was released, and whether there is a newer release. It is in this module so
// that the one of Suiro does not need what reads licences.
//
// Usage, in the folder scripts/monitoring:
//
//	go run ./deps [PAGE]
//
// It asks Go's module proxy for the dates. Licences are read from the module cache, and the
// modules are downloaded to it where they are not there.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

func main() {
	page := filepath.Join("..", "..", "THIRD-PARTY.md")
	if len(os.Args) > 1 {
		page = os.Args[1]
	}
	if err := run(page, time.Now()); err != nil {
		fmt.Fprintln(os.Stderr, "deps:", err)
		os.Exit(1)
	}
}

// run writes the page.
func run(page string, today time.Time) error {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		return err
	}
	list, err := modules(root)
	if err != nil {
		return err
	}
	for i := range list {
		if list[i].Licences, err = licencesIn(list[i].Dir); err != nil {
			return fmt.Errorf("read the licence of %s: %w", list[i].Path, err)
		}
	}
	return os.WriteFile(page, []byte(text(list, today)), 0o644)
}
