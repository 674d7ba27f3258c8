package main

import "github.com/spf13/cobra"

func runStateCommand() *cobra.Command { return &cobra.Command{Use: "run-state"} }
