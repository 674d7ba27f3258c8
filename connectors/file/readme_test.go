package file

import (
	"flag"
	"testing"

	"github.com/suiro/suiro/connect/connecttest"
)

var update = flag.Bool("update", false, "rewrite the generated part of README.md")

func TestReadmeListsEveryKeyOfTheSource(t *testing.T) { connecttest.Readme(t, sourceDef, *update) }
