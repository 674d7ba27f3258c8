package suiro_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The page lists what go.mod requires, and nothing else. It is read offline: licences and dates are
// looked up by make deps.
func TestThirdPartyPageListsWhatIsRequired(t *testing.T) {
	out, err := exec.Command("go", "mod", "edit", "-json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Require []struct{ Path, Version string }
	}
	if err := json.Unmarshal(out, &file); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("THIRD-PARTY.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]bool{}
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(line, "|")
		if len(cells) > 5 && strings.Contains(cells[1], ".") {
			rows[strings.TrimSpace(cells[1])+" "+strings.TrimSpace(cells[2])] = true
			if licence := strings.TrimSpace(cells[5]); licence == "" || licence == "?" || licence == "none found" {
				t.Errorf("THIRD-PARTY.md: %s has the licence %q: look it up", strings.TrimSpace(cells[1]), licence)
			}
		}
	}
	for _, r := range file.Require {
		row := r.Path + " " + r.Version
		if !rows[row] {
			t.Errorf("THIRD-PARTY.md has no row for %s: run make deps", row)
		}
		delete(rows, row)
	}
	for row := range rows {
		t.Errorf("THIRD-PARTY.md has a row for %s, which go.mod does not require: run make deps", row)
	}
}
