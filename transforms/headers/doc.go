// Package headers holds the transforms that change a record's headers:
//
//   - [DropHeaders] leaves headers out
//   - [HeaderFrom] copies or moves fields of the key or value to headers
//   - [InsertHeader] adds a header with a fixed value
//
// How they differ from Kafka Connect's classes is said in package transforms.
package headers
