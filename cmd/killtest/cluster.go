package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/kafka"
)

// cluster holds the flags that say how to reach Kafka.
type cluster struct {
	bootstrap, file string
}

func (c *cluster) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.bootstrap, "bootstrap-servers", "127.0.0.1:9092", "brokers to connect to first")
	cmd.Flags().StringVar(&c.file, "config", "", "properties file with further client keys, such as those of security")
}

// options returns the options of a client, and the brokers.
func (c *cluster) options(cmd *cobra.Command) ([]kgo.Opt, string, error) {
	props := map[string]string{}
	if c.file != "" {
		f, err := os.Open(c.file)
		if err != nil {
			return nil, "", fmt.Errorf("read --config: %w", err)
		}
		defer f.Close()
		if props, err = config.ReadProperties(f); err != nil {
			return nil, "", fmt.Errorf("read --config %s: %w", c.file, err)
		}
	}
	if props["bootstrap.servers"] == "" || cmd.Flags().Changed("bootstrap-servers") {
		props["bootstrap.servers"] = c.bootstrap
	}
	values, err := kafka.Admin.Def().Parse(props)
	if err != nil {
		return nil, "", err
	}
	opts, err := kafka.Admin.Options(values, nil)
	if err != nil {
		return nil, "", err
	}
	return opts, props["bootstrap.servers"], kafka.Check(cmd.Context(), opts...)
}
