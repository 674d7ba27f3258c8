// Package guide runs a page of docs/guides from top to bottom, as a reader would, so that a page
// that no longer works fails a test. What a fenced block does is said behind its language:
//
//	```go file=main.go              writes the block to main.go, in a folder of the page's own
//	```go from=path/in/module.go    is part of that file, word for word
//	```sh                           runs it with bash; a command that fails fails the test
//	```sh background=app            runs it meanwhile, as a reader would in a second terminal
//	```console                      runs each line that begins with "$ " and compares its standard output
//	```console eventually           the same, repeated until it prints that, for a minute at most
//	```text log=app                 waits until app, which runs in the background, has logged these lines
//	```text                         is only shown
//	<!-- stop app -->               interrupts app, as Ctrl-C does, and wants exit code 0
//	<!-- kill app -->               kills it
//
// In what is compared, "..." stands for any text within a line, and alone on a line for any lines.
// A block of any other form is an error, so that nothing on a page is shown without being tried.
//
// The module is this one: "git clone --depth 1 https://github.com/suiro/suiro" brings the working tree.
//
// localhost:9092 on a page is the broker that the test brings; every other port of localhost becomes
// a free one, and /tmp the page's own folder. The commands find suiro and Kafka's console producer
// and consumer in their PATH.
package guide
