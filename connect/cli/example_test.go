package cli_test

import (
	"context"
	"fmt"
	"os"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/builtin"
	"github.com/suiro/suiro/connect/cli"
	"github.com/suiro/suiro/connect/config"
)

// mine are the plugins of this program, here a transform that passes records on.
func mine() connect.Plugins {
	return connect.Plugins{Transforms: []connect.TransformPlugin{{
		Info: connect.Info{Class: "com.example.Pass", Doc: "Passes records on."},
		New:  func(config.Values) (connect.Transform, error) { return pass{}, nil },
	}}}
}

type pass struct{}

func (pass) Apply(r *connect.Record) (*connect.Record, error) { return r, nil }

// This is a whole worker that runs the built-in plugins and some of its own. Its
// commands are those of suiro.
func ExampleMain() {
	cli.Main(builtin.Plugins().With(mine()))
}

// A program with more to do executes the commands itself.
func ExampleCommand() {
	root := cli.Command(builtin.Plugins().With(mine()))
	root.Use = "shop-worker"
	root.SetArgs([]string{"plugins", "Pass"}) // the default are those of the process
	root.SetOut(os.Stdout)
	fmt.Println("exit code", cli.Execute(context.Background(), root))
	// Output:
	// Pass, a transform
	//   Passes records on.
	//
	//   class   com.example.Pass
	//
	// It has no keys of its own.
	// exit code 0
}
