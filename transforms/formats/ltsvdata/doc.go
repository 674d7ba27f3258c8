// Package ltsvdata converts between LTSV records and Connect's data, by the same
// options as package ltsvjson.
//
// Read, a record is a map from label to text, or to what Types says of the label;
// a label of Cookies is a map of text. There is no schema unless Options.Schema
// asks for one: then the data is a struct of the labels of Keep, in their order,
// each optional:
//
//	int, float, bool, time, other    INT64, FLOAT64, BOOLEAN, Timestamp, STRING
//	cookie                           MAP of STRING to STRING
//
// Written, a struct keeps the order of its schema, and a map is sorted by label.
// Null is the first of Nulls; where there is none, or with OmitNulls, the field is
// left out. Times are written by the layout of their label, or as RFC 3339. A map
// under a label of Cookies becomes a Cookie header, percent-encoded where it must
// be; any other map or list becomes JSON. Everything else is written in Connect's
// text form, except floats, which are written as logs have them, 0.0001. LTSV has
// no escape: a value with a TAB or a line end is an error unless Replacement is
// set.
//
// Text that happens to be one of Nulls comes back as null.
package ltsvdata
