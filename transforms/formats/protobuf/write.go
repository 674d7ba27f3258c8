package protobuf

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/internal/extent"
	"github.com/suiro/suiro/transforms/formats/protobuf/internal/file"
)

// Text turns a Connect schema into the text of a Protobuf schema, and the place of its
// message in it. The same schema always gives the same text.
func Text(s *data.Schema, o Options) (text string, index int, err error) {
	if s == nil {
		return "", 0, fmt.Errorf("%w: the data has no schema: use a converter that gives it one", ErrSchema)
	}
	if err := extent.Check(s); err != nil {
		return "", 0, fmt.Errorf("%w: %w", ErrSchema, err)
	}
	if s.Kind != data.Struct {
		return wrapperText(s)
	}
	w := writer{Options: o, imports: map[string]bool{}}
	full := w.nameOf(s)
	parts := strings.Split(full, ".")
	for i, part := range parts {
		if parts[i], err = o.identifier(part); err != nil {
			return "", 0, err
		}
	}
	last := len(parts) - 1
	body, err := w.message(parts[last], s, "")
	if err != nil {
		return "", 0, err
	}
	return w.file(strings.Join(parts[:last], ".")) + body, 0, nil
}

// wrapperText is the text of Protobuf's own wrappers, one of which a record is that is no
// STRUCT.
func wrapperText(s *data.Schema) (string, int, error) {
	at := -1
	var b strings.Builder
	b.WriteString("syntax = \"proto3\";\npackage " + wrapperPackage + ";\n\n")
	for i, w := range wrappers {
		fmt.Fprintf(&b, "message %s {\n  %s value = 1;\n}\n", w.name, w.proto)
		if at < 0 && w.kind == s.Kind || w.proto == "int32" && s.Kind < data.Int32 {
			at = i
		}
	}
	if at < 0 || s.Name == data.DecimalName || s.IsTime() {
		return "", 0, fmt.Errorf("%w: a record of type %v %s: want a STRUCT: HoistField makes one", ErrSchema, s.Kind, s.Name)
	}
	return b.String(), at, nil
}

// writer writes one file.
type writer struct {
	Options
	imports map[string]bool
	unnamed int
}

// nameOf returns the name of a STRUCT, which one without a name gets.
func (w *writer) nameOf(s *data.Schema) string {
	if s.Name != "" {
		return s.Name
	}
	w.unnamed++
	return unnamed + strconv.Itoa(w.unnamed)
}

// file returns what is before the messages.
func (w *writer) file(pkg string) string {
	var b strings.Builder
	b.WriteString("syntax = \"proto3\";\n")
	if pkg != "" {
		b.WriteString("package " + pkg + ";\n")
	}
	b.WriteString("\n")
	for _, path := range slices.Sorted(maps.Keys(w.imports)) {
		b.WriteString("import \"" + path + "\";\n")
	}
	if len(w.imports) > 0 {
		b.WriteString("\n")
	}
	return b.String()
}

// scope is one message that is being written.
type scope struct {
	indent string
	fields strings.Builder
	nested strings.Builder
	types  map[string]*data.Schema // in nested, by name
	used   map[int]bool            // numbers of fields
	next   int
}

// message returns the text of a message.
func (w *writer) message(name string, s *data.Schema, indent string) (string, error) {
	in := &scope{indent: indent + "  ", types: map[string]*data.Schema{}, used: map[int]bool{}, next: 1}
	in.reserve(s)
	for _, f := range s.Fields {
		if isUnion(f.Schema) {
			in.reserve(f.Schema)
		}
	}
	for _, f := range s.Fields {
		var err error
		if isUnion(f.Schema) {
			err = w.oneof(in, f)
		} else {
			err = w.field(in, f, in.indent, false)
		}
		if err != nil {
			return "", data.InField(f.Name, err)
		}
	}
	return indent + "message " + name + " {\n" + in.fields.String() + in.nested.String() + indent + "}\n", nil
}

// reserve notes the numbers that fields say they have.
func (in *scope) reserve(s *data.Schema) {
	for _, f := range s.Fields {
		if n, ok := tagOf(f.Schema); ok && !isUnion(f.Schema) {
			in.used[n] = true
		}
	}
}

func tagOf(s *data.Schema) (int, bool) {
	n, err := strconv.Atoi(s.Parameters[TagParameter])
	return n, err == nil
}

// Protobuf keeps these numbers for itself.
const (
	firstReserved = 19000
	lastReserved  = 19999
)

// tag returns the number of a field: that of its schema, or the next that is free.
func (in *scope) tag(s *data.Schema) int {
	if n, ok := tagOf(s); ok {
		return n
	}
	for in.used[in.next] || in.next >= firstReserved && in.next <= lastReserved {
		in.next++
	}
	in.used[in.next] = true
	return in.next
}

func (w *writer) oneof(in *scope, f data.Field) error {
	name := f.Schema.Parameters[generalUnion]
	if name == "" {
		name = simple(strings.TrimPrefix(strings.TrimPrefix(f.Schema.Name, UnionName), "."))
	}
	if name == "" {
		name = f.Name
	}
	name, err := w.identifier(name)
	if err != nil {
		return err
	}
	in.fields.WriteString(in.indent + "oneof " + name + " {\n")
	for _, branch := range f.Schema.Fields {
		if err := w.field(in, branch, in.indent+"  ", true); err != nil {
			return data.InField(branch.Name, err)
		}
	}
	in.fields.WriteString(in.indent + "}\n")
	return nil
}

func (w *writer) field(in *scope, f data.Field, indent string, inOneof bool) error {
	s := f.Schema
	name, err := w.identifier(f.Name)
	if err != nil {
		return err
	}
	label, of := "", s
	switch {
	case inOneof && (s.Kind == data.Array || s.Kind == data.Map):
		return fmt.Errorf("%w: an %v in a oneof, which Protobuf cannot express", ErrSchema, s.Kind)
	case s.Kind == data.Array:
		label, of = "repeated ", s.Elem
	case s.Kind != data.Map && !inOneof && w.OptionalNullables && s.Optional:
		label = "optional "
	}
	typ, params, err := w.typeOf(in, of, name, inOneof)
	if err != nil {
		return err
	}
	in.fields.WriteString(indent + label + typ + " " + name + " = " + strconv.Itoa(in.tag(s)) + w.meta(params) + ";\n")
	return nil
}

// meta returns the option with parameters that Confluent's converter has.
func (w *writer) meta(params map[string]string) string {
	if len(params) == 0 {
		return ""
	}
	w.imports[file.ImportMeta] = true
	var entries []string
	for _, key := range slices.Sorted(maps.Keys(params)) {
		entries = append(entries, fmt.Sprintf("{ key: %q, value: %q }", key, params[key]))
	}
	return " [(confluent.field_meta) = { params: [" + strings.Join(entries, ", ") + "] }]"
}

// typeOf returns the type of one value, and the parameters that say more of it.
func (w *writer) typeOf(in *scope, s *data.Schema, field string, inOneof bool) (string, map[string]string, error) {
	switch {
	case s == nil:
		return "", nil, fmt.Errorf("%w: values without a type in common", ErrSchema)
	case s.Kind == data.Array:
		return "", nil, fmt.Errorf("%w: a list directly in a list or a map, which Protobuf cannot express", ErrSchema)
	case s.Kind == data.Map:
		typ, err := w.mapping(in, s, field)
		return typ, nil, err
	case s.Kind == data.Struct && isUnion(s):
		return "", nil, fmt.Errorf("%w: a oneof in a list, a map or a oneof, which Protobuf cannot express", ErrSchema)
	case s.Kind == data.Struct:
		name, err := w.identifier(simple(w.nameOf(s)))
		if err != nil {
			return "", nil, err
		}
		if name == field {
			name += "Message"
		}
		return name, nil, w.define(in, name, s)
	}
	if typ, params, err := w.logical(s); typ != "" || err != nil {
		return typ, params, err
	}
	if name, _ := enumOf(s); name != "" {
		name, err := w.identifier(simple(name))
		if err != nil {
			return "", nil, err
		}
		return name, nil, w.define(in, name, s)
	}
	if w.WrapperNullables && s.Optional && (!inOneof || s.Parameters[WrapperParameter] == "true") {
		w.imports[file.ImportWrappers] = true
		return "." + wrapperPackage + "." + wrapperName(s), small(s), nil
	}
	return scalarName(s), small(s), nil
}

// logical returns the message that a logical type is, or "".
func (w *writer) logical(s *data.Schema) (string, map[string]string, error) {
	name, kind := "", data.Int32
	params := map[string]string{}
	switch s.Name {
	case data.DecimalName:
		name, kind = file.TypeDecimal, data.Bytes
		if _, err := s.Scale(); err != nil {
			return "", nil, fmt.Errorf("%w: %w", ErrSchema, err)
		}
		params[metaScale] = s.Parameters[connectScale]
		if n := s.Parameters[connectPrecision]; n != "" {
			params[metaPrecision] = n
		}
	case data.DateName:
		name = file.TypeDate
	case data.TimeName:
		name = file.TypeTime
	case data.TimestampName:
		name, kind = file.TypeTimestamp, data.Int64
	default:
		return "", nil, nil
	}
	if s.Kind != kind {
		return "", nil, fmt.Errorf("%w: the schema %s is of type %v, want %v", ErrSchema, s.Name, s.Kind, kind)
	}
	w.imports[file.Imports[name]] = true
	return "." + name, params, nil
}

// small returns the parameters of integers that Protobuf does not have.
func small(s *data.Schema) map[string]string {
	switch s.Kind {
	case data.Int8:
		return map[string]string{connectType: "int8"}
	case data.Int16:
		return map[string]string{connectType: "int16"}
	}
	return nil
}

// scalarNames are the types of each kind, the usual first.
var scalarNames = map[data.Kind][]string{
	data.Int8: {"int32"}, data.Int16: {"int32"}, data.Int32: {"int32", "sint32", "sfixed32"},
	data.Int64:   {"int64", "uint32", "fixed32", "uint64", "sint64", "fixed64", "sfixed64"},
	data.Float32: {"float"}, data.Float64: {"double"}, data.Boolean: {"bool"}, data.String: {"string"},
	data.Bytes: {"bytes"},
}

func scalarName(s *data.Schema) string {
	all := scalarNames[s.Kind]
	if own := s.Parameters[TypeParameter]; slices.Contains(all, own) {
		return own
	}
	return all[0]
}

func wrapperName(s *data.Schema) string {
	name := scalarName(s)
	switch name {
	case "uint32", "fixed32":
		return "UInt32Value"
	case "uint64", "fixed64":
		return "UInt64Value"
	}
	for _, w := range wrappers {
		if w.proto == name || w.kind == s.Kind {
			return w.name
		}
	}
	return ""
}

func (w *writer) mapping(in *scope, s *data.Schema, field string) (string, error) {
	if s.Key == nil {
		return "", fmt.Errorf("%w: a map whose keys have no type in common", ErrSchema)
	}
	key := ""
	switch s.Key.Kind {
	case data.Int8, data.Int16, data.Int32, data.Int64, data.Boolean, data.String:
		key = scalarName(s.Key)
	}
	if key == "" || s.Key.IsTime() {
		return "", fmt.Errorf("%w: a map with keys of type %v %s, which Protobuf cannot express", ErrSchema, s.Key.Kind,
			s.Key.Name)
	}
	if s.Elem != nil && s.Elem.Kind == data.Map {
		return "", fmt.Errorf("%w: a map directly in a map, which Protobuf cannot express", ErrSchema)
	}
	elem, _, err := w.typeOf(in, s.Elem, field, false)
	if err != nil {
		return "", err
	}
	return "map<" + key + ", " + elem + ">", nil
}

// define writes a message or an enum into the message that uses it, once.
func (w *writer) define(in *scope, name string, s *data.Schema) error {
	if other := in.types[name]; other != nil {
		if !sameDefinition(other, s) {
			return fmt.Errorf("%w: two different types are named %.80s", ErrSchema, name)
		}
		return nil
	}
	in.types[name] = s
	var text string
	var err error
	if s.Kind == data.Struct {
		text, err = w.message(name, s, in.indent)
	} else {
		text, err = w.enum(name, s, in.indent)
	}
	in.nested.WriteString(text)
	return err
}

// sameDefinition reports whether two schemas of one name say the same of it.
func sameDefinition(a, b *data.Schema) bool {
	if a.Kind != data.Struct || b.Kind != data.Struct {
		return a.Kind == b.Kind && maps.Equal(symbolsOf(a), symbolsOf(b))
	}
	return slices.EqualFunc(a.Fields, b.Fields, func(x, y data.Field) bool {
		return x.Name == y.Name && x.Schema.Equal(y.Schema)
	})
}

// symbolsOf returns the symbols of an enum with their numbers.
func symbolsOf(s *data.Schema) map[string]string {
	_, parameter := enumOf(s)
	symbols := map[string]string{}
	for k, v := range s.Parameters {
		if symbol, ok := strings.CutPrefix(k, parameter+"."); ok {
			symbols[symbol] = v
		}
	}
	return symbols
}

// enum returns the text of an enum. As Protobuf wants it, the symbol for 0 is the first.
func (w *writer) enum(name string, s *data.Schema, indent string) (string, error) {
	type symbol struct {
		name   string
		number int
	}
	var all []symbol
	uses := map[int]int{}
	for text, tag := range symbolsOf(s) {
		n, err := strconv.ParseInt(tag, 10, 32)
		if err != nil || !isName(text) {
			return "", fmt.Errorf("%w: symbol %.80q of enum %s has the number %.20q", ErrSchema, text, name, tag)
		}
		all = append(all, symbol{text, int(n)})
		uses[int(n)]++
	}
	slices.SortFunc(all, func(a, b symbol) int {
		if (a.number == 0) != (b.number == 0) {
			return map[bool]int{true: -1, false: 1}[a.number == 0]
		}
		if a.number != b.number {
			return a.number - b.number
		}
		return strings.Compare(a.name, b.name)
	})
	var b strings.Builder
	b.WriteString(indent + "enum " + name + " {\n")
	if slices.ContainsFunc(all[min(1, len(all)):], func(v symbol) bool { return uses[v.number] > 1 }) {
		b.WriteString(indent + "  option allow_alias = true;\n")
	}
	for i, v := range all {
		if i == 0 && v.number != 0 {
			return "", fmt.Errorf("%w: enum %s has no symbol for 0", ErrSchema, name)
		}
		fmt.Fprintf(&b, "%s  %s = %d;\n", indent, v.name, v.number)
	}
	if len(all) == 0 {
		return "", fmt.Errorf("%w: enum %s has no symbol", ErrSchema, name)
	}
	return b.String() + indent + "}\n", nil
}
