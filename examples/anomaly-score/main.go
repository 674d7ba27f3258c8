// Command anomaly-score says how unusual each minute of each server is, from an access
// log as JSON.
package main

import (
	"github.com/suiro/suiro/examples/anomaly-score/app"
	"github.com/suiro/suiro/streams/cli"
)

func main() { cli.Main(app.Program()) }
