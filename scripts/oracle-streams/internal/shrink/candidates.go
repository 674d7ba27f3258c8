package shrink

import (
	"slices"

	"github.com/suiro/suiro/scripts/oracle-streams/internal/cases"
)

// candidates are cases with something less than c.
func candidates(c cases.Case) (out []cases.Case) {
	for n := len(c.Input) / 2; n > 0; n /= 2 {
		for at := 0; at+n <= len(c.Input); at += n {
			less := c
			less.Input = slices.Delete(slices.Clone(c.Input), at, at+n)
			out = append(out, less)
		}
	}
	for i := range c.Steps {
		out = append(out, without(c, i))
		if s := c.Steps[i]; s.Store != nil || s.Name != "" {
			out = append(out, plainer(c, i))
		}
	}
	for i, e := range c.Input {
		if e.Headers != nil {
			less := c
			less.Input = slices.Clone(c.Input)
			less.Input[i].Headers = nil
			out = append(out, less)
		}
	}
	if len(c.Config) > 0 {
		less := c
		less.Config = nil
		out = append(out, less)
	}
	return out
}

// without is c without a step; what was below it is below what was above it.
func without(c cases.Case, i int) cases.Case {
	gone := c.Steps[i]
	c.Steps = slices.Delete(slices.Clone(c.Steps), i, i+1)
	if len(gone.In) == 0 {
		return c
	}
	for j := range c.Steps {
		c.Steps[j].In = slices.Clone(c.Steps[j].In)
		for k, in := range c.Steps[j].In {
			if slices.Contains(gone.Out, in) {
				c.Steps[j].In[k] = gone.In[0]
			}
		}
	}
	return c
}

// plainer is c with a step that has no options.
func plainer(c cases.Case, i int) cases.Case {
	c.Steps = slices.Clone(c.Steps)
	c.Steps[i].Store, c.Steps[i].Name = nil, ""
	return c
}
