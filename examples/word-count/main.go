// Command word-count counts the words of lines of text.
package main

import (
	"github.com/suiro/suiro/examples/word-count/app"
	"github.com/suiro/suiro/streams/cli"
)

func main() { cli.Main(app.Program()) }
