// Command suiro runs and deploys connectors, steers clusters, puts dead letters back and demonstrates the
// whole picture: see suiro --help.
package main

import (
	"github.com/suiro/suiro/cmd/internal/ctl"
	"github.com/suiro/suiro/cmd/internal/demo/command"
	"github.com/suiro/suiro/cmd/internal/deploy"
	"github.com/suiro/suiro/cmd/internal/dlq"
	"github.com/suiro/suiro/cmd/internal/scaffold"
	"github.com/suiro/suiro/connect/builtin"
	"github.com/suiro/suiro/connect/cli"
)

func main() {
	cli.Main(builtin.Plugins(), command.New(), ctl.New(), deploy.New(), dlq.New(), scaffold.New())
}
