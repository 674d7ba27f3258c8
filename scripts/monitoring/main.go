// Command monitoring writes what docs/monitoring holds beside its README and
// the alert rules: the Grafana dashboards, a page about their panels, and a
// page about the alerts. It runs in its own folder:
//
//	go run .
//
// Its tests hold dashboards and rules to what a running worker and a running
// app export, and to a real Prometheus.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// folder is where the files belong, as seen from this folder.
const folder = "../../docs/monitoring"

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "monitoring:", err)
		os.Exit(1)
	}
}

func run() error {
	files, err := generate(folder)
	if err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// generate returns the generated files by name; folder has the alert rules.
func generate(folder string) (map[string][]byte, error) {
	files := map[string][]byte{}
	boards, err := readBoards()
	if err != nil {
		return nil, err
	}
	for _, b := range boards {
		text, err := b.json()
		if err != nil {
			return nil, err
		}
		files[b.UID+".json"] = text
	}
	files["panels.md"] = panelsPage(boards)
	groups, err := readRules(filepath.Join(folder, rulesFile))
	if err != nil {
		return nil, err
	}
	files["alerts.md"] = alertsPage(groups)
	return files, nil
}
