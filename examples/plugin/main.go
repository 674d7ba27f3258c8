// Command plugin is a Connect worker with Suiro's plugins and those of package shop.
package main

import (
	"github.com/suiro/suiro/connect/builtin"
	"github.com/suiro/suiro/connect/cli"

	"example.com/shop/shop"
)

func main() { cli.Main(builtin.Plugins().With(shop.Plugins())) }
