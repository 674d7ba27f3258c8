// Package shrink reduces cases that two sides answer differently to the smallest ones
// that still differ in the same way.
package shrink

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"

	"github.com/suiro/suiro/scripts/oracle-streams/internal/cases"
	"github.com/suiro/suiro/scripts/oracle-streams/internal/compare"
	"github.com/suiro/suiro/scripts/oracle-streams/internal/ours"
)

// All reads the cases that a comparison has left, reduces them, and writes them with
// both answers. command starts the Java side.
func All(command []string, in io.Reader, out io.Writer) error {
	java, err := start(command)
	if err != nil {
		return err
	}
	err = cases.Read(in, func(l *compare.Left) error {
		s := shrinker{java: java, sign: l.Sign}
		c, err := s.reduce(l.Case)
		if err != nil {
			return err
		}
		j, err := java.answer(&c)
		if err != nil {
			return err
		}
		o := ours.One(&c)
		fmt.Fprintf(out, "\n%s | %s\n  case %s\n  java %s\n  ours %s\n", c.Tag, l.Sign, text(c), text(j), text(o))
		return nil
	})
	return errorOr(java.stop(), err)
}

func errorOr(second, first error) error {
	if first != nil {
		return first
	}
	return second
}

func text(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(raw)
}

// side is the Java side, a line in and a line out.
type side struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	enc *json.Encoder
	out *bufio.Reader
}

func start(command []string) (*side, error) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &side{cmd, in, cases.Encoder(in), bufio.NewReader(out)}, cmd.Start()
}

func (s *side) answer(c *cases.Case) (a cases.Answer, err error) {
	if err := s.enc.Encode(c); err != nil {
		return a, err
	}
	line, err := s.out.ReadBytes('\n')
	if err != nil {
		return a, err
	}
	return a, json.Unmarshal(line, &a)
}

func (s *side) stop() error {
	if err := s.in.Close(); err != nil {
		return err
	}
	return s.cmd.Wait()
}

// shrinker reduces one case.
type shrinker struct {
	java *side
	sign string
}

// reduce tries smaller cases until none differs as the one it began with.
func (s *shrinker) reduce(c cases.Case) (cases.Case, error) {
	for {
		smaller, found, err := s.smaller(c)
		if err != nil || !found {
			return c, err
		}
		c = smaller
	}
}

func (s *shrinker) smaller(c cases.Case) (cases.Case, bool, error) {
	for _, try := range candidates(c) {
		java, err := s.java.answer(&try)
		if err != nil {
			return c, false, err
		}
		mine := ours.One(&try)
		if mine.Missing == "" && slices.Contains(compare.Differences(&java, &mine), s.sign) {
			return try, true, nil
		}
	}
	return c, false, nil
}
