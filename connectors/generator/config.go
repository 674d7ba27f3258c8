package generator

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connectors/generator/internal/recipe"
	"github.com/suiro/suiro/internal/smallfile"
)

// settings are the keys of the connector, and of its tasks.
type settings struct {
	Topic       string   `config:"kafka.topic" valid:"nonempty" doc:"The topic to write to."`
	Schema      string   `config:"schema.string,optional" doc:"The Avro schema of the records, as JSON."`
	File        string   `config:"schema.filename,optional" doc:"The file with the Avro schema of the records, on the worker."`
	Quickstart  string   `config:"quickstart,optional" doc:"A schema that comes with the connector: orders, pageviews or users."`
	KeyField    string   `config:"schema.keyfield,optional" doc:"The field whose value is the key too; without one keys are null. The quickstarts have orderid, viewtime and userid."`
	MaxInterval int64    `config:"max.interval" default:"500" valid:"min=0" doc:"The longest pause before a record of a task, in milliseconds: each is a random part of it. 0 is without pauses."`
	Rate        float64  `config:"records.per.second,optional" importance:"medium" doc:"How many records all tasks together make in a second, in place of the random pauses of max.interval."`
	Iterations  int64    `config:"iterations" default:"-1" doc:"How many records all tasks together make; less than 1 is without an end."`
	Seed        int64    `config:"random.seed" default:"0" importance:"low" doc:"The seed of random values: with the same schema and seed, a record of the same number is the same."`
	Sequences   []string `config:"task.sequences" default:"" importance:"low" doc:"The sequences of the task, which the connector sets."`
}

// def declares the keys. It never changes.
var def = config.For[settings]().
	Change("records.per.second", func(k *config.Key) { k.Valid = config.Func("0.000001 to 1000000000", rate) }).
	Change("quickstart", func(k *config.Key) { k.Recommended = quickstartNames() }).
	Change("task.sequences", func(k *config.Key) { k.Valid = config.Func("numbers of sequences", sequenceNumbers) })

func rate(v any) error {
	if f := v.(float64); !(f >= 1e-6 && f <= 1e9) {
		return errors.New("must be from 0.000001 to 1000000000")
	}
	return nil
}

func sequenceNumbers(v any) error {
	_, err := sequencesOf(v.([]string))
	return err
}

// sequencesOf reads the sequences of a task; none are all.
func sequencesOf(list []string) (numbers []int64, err error) {
	for _, text := range list {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 || n >= sequences {
			return nil, fmt.Errorf("must be numbers from 0 to %d", sequences-1)
		}
		numbers = append(numbers, n)
	}
	for n := int64(0); len(list) == 0 && n < sequences; n++ {
		numbers = append(numbers, n)
	}
	return numbers, nil
}

func newSettings(v config.Values) (s settings) {
	v.Decode(&s)
	return s
}

// validate checks keys together, and reads the schema.
func validate(v config.Values) (errs config.Errors) {
	s := newSettings(v)
	if v.IsSet("records.per.second") && v.IsSet("max.interval") {
		errs = append(errs, config.Errorf("max.interval", fmt.Sprint(s.MaxInterval),
			"cannot be set with records.per.second: leave one out"))
	}
	_, more := s.recipe()
	return append(errs, more...)
}

// schemaKeys are the keys that name a schema, with their values.
func (s *settings) schemaKeys() (set [][2]string) {
	for _, k := range [][2]string{{"schema.string", s.Schema}, {"schema.filename", s.File}, {"quickstart", s.Quickstart}} {
		if k[1] != "" {
			set = append(set, k)
		}
	}
	return set
}

// recipe reads the schema, of which there is one, and looks for the key's field in it.
func (s *settings) recipe() (*recipe.Recipe, config.Errors) {
	const one = "exactly one of schema.string, schema.filename and quickstart must be set"
	set := s.schemaKeys()
	switch len(set) {
	case 1:
	case 0:
		return nil, config.Errors{config.Errorf("schema.string", "", one)}
	default:
		var errs config.Errors
		for _, k := range set {
			errs = append(errs, config.Errorf(k[0], excerpt(k[1]), one))
		}
		return nil, errs
	}
	key, value := set[0][0], set[0][1]
	text, err := s.text()
	if err != nil {
		return nil, config.Errors{config.Errorf(key, excerpt(value), "%v", err)}
	}
	r, err := recipe.Parse(text)
	if err != nil {
		return nil, schemaErrors(key, value, err)
	}
	if field := s.keyField(); field != "" && r.Schema().Field(field) == nil {
		var names []string
		for _, f := range r.Schema().Fields {
			names = append(names, f.Name)
		}
		return nil, config.Errors{config.Errorf("schema.keyfield", field, "is not a field of the schema, which has %s",
			strings.Join(names, ", "))}
	}
	return r, nil
}

// schemaErrors makes an error of the key of each error about the schema.
func schemaErrors(key, value string, err error) (errs config.Errors) {
	list, ok := err.(recipe.Errors)
	if !ok {
		list = recipe.Errors{err}
	}
	for _, e := range list {
		errs = append(errs, config.Errorf(key, excerpt(value), "%v", e))
	}
	return errs
}

// text returns the text of the schema.
func (s *settings) text() ([]byte, error) {
	switch {
	case s.Schema != "":
		return []byte(s.Schema), nil
	case s.File != "":
		return smallfile.ReadRegular(s.File)
	}
	q, ok := quickstarts[strings.ToLower(s.Quickstart)]
	if !ok {
		return nil, fmt.Errorf("there is no such quickstart: want %s, or a schema of your own in schema.filename",
			strings.Join(quickstartNames(), ", "))
	}
	return q.text, nil
}

// keyField is the field whose value is the key, if any.
func (s *settings) keyField() string {
	if s.KeyField == "" && s.Quickstart != "" {
		return quickstarts[strings.ToLower(s.Quickstart)].key
	}
	return s.KeyField
}

// excerpt is the beginning of a value, such as a schema, which errors need not repeat.
func excerpt(value string) string {
	const longest = 60
	if len(value) <= longest {
		return value
	}
	return strings.ToValidUTF8(value[:longest], "") + "…"
}
