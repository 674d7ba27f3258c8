package flags

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/suiro/suiro/connect/config"
)

// Name returns the name of a key's flag, without the two dashes.
func Name(key string) string { return strings.ReplaceAll(key, ".", "-") }

// Define adds the flag of a key to a command. The flag has no default of its own:
// the key has one, and the help shows it.
func Define(c *cobra.Command, k config.Key) {
	name := Name(k.Name)
	c.Flags().Var(&value{key: k}, name, usage(k))
	if k.Type == config.Boolean {
		c.Flags().Lookup(name).NoOptDefVal = "true"
	}
	if values := choices(k); len(values) > 0 {
		// The only error is that of a flag that does not exist or is completed already.
		_ = c.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
}

// Properties returns the properties that flags of [Define] were given on the
// command line. The error names every flag whose value is wrong, on a line of its
// own, and what is accepted.
func Properties(c *cobra.Command) (map[string]string, error) {
	props := map[string]string{}
	var errs []error
	c.Flags().Visit(func(f *pflag.Flag) {
		v, ok := f.Value.(*value)
		if !ok {
			return
		}
		if v.err != nil {
			errs = append(errs, fmt.Errorf("--%s %s: %w", f.Name, v.shown(), v.err))
		}
		props[v.key.Name] = v.text
	})
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return props, nil
}

// value is the value of a key's flag.
type value struct {
	key  config.Key
	text string // as properties have it
	err  error  // what is wrong with it
}

// Set implements [pflag.Value]. It keeps the error for [Properties], so that one
// answer names all flags that are wrong.
func (v *value) Set(text string) error {
	v.text, v.err = text, nil
	switch {
	case isDuration(v.key):
		v.text, v.err = parseDuration(text)
	case isBytes(v.key):
		v.text, v.err = parseBytes(text)
	}
	if v.err == nil {
		v.err = v.check()
	}
	if v.err != nil {
		v.text = text
	}
	return nil
}

// check says in the words of a command line what is wrong with a text.
func (v *value) check() error {
	_, err := config.New(v.declared()).Parse(map[string]string{v.key.Name: v.text})
	if err == nil {
		return nil
	}
	return errors.New(v.refusal(err))
}

// declared is the key without its default, which a [config.Def] would check too.
func (v *value) declared() config.Key {
	k := v.key
	k.Default = nil
	return k
}

// refusal is the message of a key's error, or what is accepted instead where that
// says more.
func (v *value) refusal(err error) string {
	message := err.Error()
	var errs config.Errors
	if errors.As(err, &errs) {
		message = errs[0].Message
	}
	accepts := accepted(v.key)
	switch {
	case message == "String must be non-empty":
		return "must not be empty"
	case strings.HasPrefix(message, "Not a number of type DOUBLE"):
		return "is not a number such as 0.5"
	case strings.HasPrefix(message, "Not a number of type"):
		return "is not a number" + advice(message) + accepting(accepts)
	case strings.HasPrefix(message, "Expected value to be either true or false"):
		return "is neither true nor false" + advice(message)
	case strings.HasPrefix(message, "String must be one of"), strings.HasPrefix(message, "Value must be"):
		return "must be " + accepts + suggestion(message)
	}
	return message
}

// advice is what a message says after a colon, and "" when it says no more.
func advice(message string) string {
	if _, advice, ok := strings.Cut(message, ": "); ok {
		return ": " + advice
	}
	return ""
}

// suggestion is the last part of a message where that is a suggestion.
func suggestion(message string) string {
	if i := strings.Index(message, " (did you mean"); i >= 0 {
		return message[i:]
	}
	return ""
}

func accepting(accepts string) string {
	if accepts == "" {
		return ""
	}
	return ", " + accepts
}

func (v *value) shown() string {
	if v.key.Type == config.Password {
		return config.Secret(v.text).String()
	}
	if strings.TrimSpace(v.text) == "" {
		return `""`
	}
	return v.text
}

// String implements [pflag.Value].
func (v *value) String() string { return v.text }

// Type implements [pflag.Value]: it is what the help shows after the flag.
func (v *value) Type() string {
	switch v.key.Type {
	case config.Boolean:
		return "bool"
	case config.Int, config.Short, config.Long:
		switch {
		case isDuration(v.key):
			return "duration"
		case isBytes(v.key):
			return "bytes"
		}
		return "number"
	case config.Double:
		return "number"
	case config.List:
		return "list"
	case config.Password:
		return "password"
	case config.Class:
		return "class"
	}
	return "text"
}
