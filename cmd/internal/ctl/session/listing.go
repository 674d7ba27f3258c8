package session

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/cmd/internal/ctl/output"
	"github.com/suiro/suiro/connect/client"
)

// listing is a command that reads something and prints it, once or again and again.
type listing[T any] struct {
	session *Session
	read    func(context.Context, *client.Client, []string) (T, error)
	table   func(T) output.Table
	format  Format
	watch   Watch
}

// List makes c print what read returns, as table shows it.
func List[T any](s *Session, c *cobra.Command, read func(context.Context, *client.Client, []string) (T, error),
	table func(T) output.Table) *cobra.Command {
	l := &listing[T]{session: s, read: read, table: table}
	l.format.Define(c, output.Name)
	l.watch.Define(c)
	c.RunE = l.run
	return c
}

func (l *listing[T]) run(c *cobra.Command, args []string) error {
	if err := l.format.Check(); err != nil {
		return err
	}
	cl, err := l.session.Client(c)
	if err != nil {
		return err
	}
	return l.watch.Run(c, func(w io.Writer) error {
		ctx, cancel := context.WithTimeout(c.Context(), l.session.Timeout)
		defer cancel()
		value, err := l.read(ctx, cl, args)
		if err != nil {
			return err
		}
		return output.Write(w, l.format.Name, value, l.table(value))
	})
}
