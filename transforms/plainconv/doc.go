// Package plainconv is Kafka Connect's StringConverter and ByteArrayConverter:
// messages that are one text, or bytes that mean nothing here.
//
// The StringConverter writes what is not text the way Java prints it: true,
// 12, 1.0E7, [1, 2], {a=1} for a map and Struct{a=1,b=x} for a struct, whose
// null fields are left out. It reads text only. Bytes read as UTF-8 are kept as
// they are, invalid ones included, so that writing them again loses nothing.
package plainconv
