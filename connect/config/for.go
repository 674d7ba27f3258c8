package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// For returns a Def of the keys that the fields of the struct T name, so that a
// component writes each key once, where its value is kept. The tag config is that
// of [Values.Decode]; a field may also have these tags:
//
//	type settings struct {
//		URL      string        `config:"url" valid:"nonempty" doc:"Address of the shop."`
//		Flush    int           `config:"flush.size" default:"500" valid:"min=1,max=10000" doc:"Records in a request."`
//		Linger   time.Duration `config:"linger.ms" default:"50" valid:"min=0" importance:"low" doc:"Longest wait, in milliseconds."`
//		OnError  string        `config:"on.error" default:"fail" valid:"oneof=fail skip" doc:"What to do with a refused record."`
//		Password config.Secret `config:"password,optional" doc:"Password of the shop."`
//	}
//
// The type of the key follows from the field's: String, Boolean, Int (int and
// int32), Long (int64 and [time.Duration]), Double, List and Password.
//
//   - default is the default as an operator would write it; that of a Duration is
//     a number of milliseconds. A key without one is required. With optional after
//     its name it is not: it then has no value unless one is set.
//   - doc is [Key.Doc], and needed.
//   - valid names validators, separated by commas: nonempty, min=N, max=N,
//     oneof=A B C, or oneof-anycase=A B C, which accepts capital and small letters.
//   - importance is high, medium or low; high when missing.
//   - group is [Key.Group].
//
// What tags cannot say, such as a validator in code or a type Class, is added with
// [Def.Change]. For panics when T is not a struct, when a tag is none of these or
// says what does not exist, and as [New] does: all of them are mistakes of the
// program.
func For[T any]() *Def {
	t := reflect.TypeFor[T]()
	if t.Kind() != reflect.Struct {
		panic(fmt.Sprintf("config: keys of %s: want a struct", t))
	}
	d := New(structKeys(t)...)
	var zero T
	values, _ := d.Parse(nil) // required keys are missing, as nothing is given
	values.Decode(&zero)      // finds fields that cannot be decoded into
	return d
}

func structKeys(t reflect.Type) (keys []Key) {
	for i := range t.NumField() {
		field := t.Field(i)
		name, tagged := keyName(field)
		switch {
		case tagged:
			keys = append(keys, fieldKey(name, field, t))
		case field.Anonymous && field.Type.Kind() == reflect.Struct:
			keys = append(keys, structKeys(field.Type)...)
		}
	}
	return keys
}

const optional = "optional" // the word after a key's name in its tag

// keyName returns the key that a field's tag names.
func keyName(field reflect.StructField) (name string, tagged bool) {
	tag, tagged := field.Tag.Lookup("config")
	name, _, _ = strings.Cut(tag, ",")
	return name, tagged
}

// fieldKey is the key that the tags of a field of t declare.
func fieldKey(name string, field reflect.StructField, t reflect.Type) Key {
	fail := func(format string, args ...any) {
		panic(fmt.Sprintf("config: field %s of %s: %s", field.Name, t, fmt.Sprintf(format, args...)))
	}
	if near := misspeltTag(field.Tag); near != "" {
		fail("a tag that is nearly %q", near)
	}
	k := Key{Name: name, Type: fieldType(field.Type), Doc: field.Tag.Get("doc"), Group: field.Tag.Get("group")}
	if k.Doc == "" {
		fail("has no doc")
	}
	text, set := field.Tag.Lookup("default")
	_, option, _ := strings.Cut(field.Tag.Get("config"), ",")
	switch {
	case option != "" && option != optional:
		fail("%q after the name of the key, want %q", option, optional)
	case set && option == optional:
		fail("a key with a default is optional anyway")
	case set:
		k.Default = text
	default:
		k.Required = option == ""
	}
	if importance, ok := field.Tag.Lookup("importance"); ok {
		i := slices.Index(importanceNames[:], strings.ToUpper(importance))
		if i < 0 {
			fail("importance %q, want high, medium or low", importance)
		}
		k.Importance = Importance(i)
	}
	valid, err := validatorNamed(field.Tag.Get("valid"))
	if err != nil {
		fail("%v", err)
	}
	k.Valid = valid
	return k
}

// fieldType is the type of the key of a field. [Values.Decode] finds those that
// no key fits.
func fieldType(t reflect.Type) Type {
	switch t {
	case reflect.TypeFor[time.Duration]():
		return Long
	case reflect.TypeFor[Secret]():
		return Password
	}
	switch t.Kind() {
	case reflect.Bool:
		return Boolean
	case reflect.Int, reflect.Int32:
		return Int
	case reflect.Int64:
		return Long
	case reflect.Float64:
		return Double
	case reflect.Slice:
		return List
	}
	return String
}

var tagNames = []string{"config", "default", "doc", "valid", "importance", "group"}

// misspeltTag returns the tag that another one is nearly written as, or "".
func misspeltTag(tag reflect.StructTag) string {
	for rest := string(tag); rest != ""; {
		name, after, ok := strings.Cut(rest, `:"`)
		if !ok {
			return ""
		}
		name = strings.TrimSpace(name)
		if near := Nearest(name, tagNames); near != name && near != "" {
			return near
		}
		rest = after[endOfQuoted(after):]
	}
	return ""
}

// endOfQuoted is where the quoted text ends that s begins within.
func endOfQuoted(s string) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(s)
}
