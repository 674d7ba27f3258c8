package config

import (
	"fmt"
	"reflect"
	"time"
)

// Decode stores values in the fields of the struct that dst points to. A field
// names its key in a tag:
//
//	type settings struct {
//		FlushSize int           `config:"flush.size"`
//		Linger    time.Duration `config:"linger.ms"`
//		Password  config.Secret `config:"connection.password"`
//	}
//
// Field types: string (String, Class), bool, int, int32 and int64 (Int, Short,
// Long), float64 (Double), []string (List), [Secret] (Password), and
// [time.Duration] for the milliseconds of an Int or Long (see [Values.Millis]).
// Embedded structs are decoded too; fields without a tag are left alone. A key
// without a value leaves the field's zero value. The same struct can declare the
// keys, see [For].
//
// Decode panics when dst is not a pointer to a struct, or when a tag names a
// key that the Def does not declare or a field's type does not fit: these are
// mistakes of the program, not of the operator.
func (v Values) Decode(dst any) {
	p := reflect.ValueOf(dst)
	if p.Kind() != reflect.Pointer || p.Elem().Kind() != reflect.Struct {
		panic(fmt.Sprintf("config: decode into %T: want a pointer to a struct", dst))
	}
	v.decodeStruct(p.Elem())
}

func (v Values) decodeStruct(s reflect.Value) {
	for i := range s.NumField() {
		field := s.Type().Field(i)
		name, tagged := keyName(field)
		switch {
		case tagged && !field.IsExported():
			panic(fmt.Sprintf("config: field %s of %s has a key and is not exported", field.Name, s.Type()))
		case tagged:
			s.Field(i).Set(reflect.ValueOf(v.fieldValue(name, field.Type)).Convert(field.Type))
		case field.Anonymous && field.Type.Kind() == reflect.Struct:
			v.decodeStruct(s.Field(i))
		}
	}
}

// fieldValue is the value of a key in a form that a field of type t can hold.
func (v Values) fieldValue(name string, t reflect.Type) any {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return v.Millis(name)
	case t == reflect.TypeFor[Secret]():
		return v.Password(name)
	case t == reflect.TypeFor[[]string]():
		return v.List(name)
	}
	switch t.Kind() {
	case reflect.String:
		return v.String(name)
	case reflect.Bool:
		return v.Bool(name)
	case reflect.Int, reflect.Int32:
		return v.Int(name)
	case reflect.Int64:
		return v.Long(name)
	case reflect.Float64:
		return v.Double(name)
	}
	panic(fmt.Sprintf("config: key %q cannot be decoded into a %s", name, t))
}
