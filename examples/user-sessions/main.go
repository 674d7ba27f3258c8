// Command user-sessions cuts the clicks of each user into sessions, and writes how long they took.
package main

import (
	"github.com/suiro/suiro/examples/user-sessions/app"
	"github.com/suiro/suiro/streams/cli"
)

func main() { cli.Main(app.Program()) }
