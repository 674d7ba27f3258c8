// Package providers replaces references to values that are kept elsewhere, such as
// ${file:/etc/suiro/search.properties:password}, and keeps the values out of errors.
//
// A reference is Kafka's: ${provider:path:key} or ${provider:key}, anywhere in a
// value, and several times. The providers are Kafka's too, by their Java class or
// its simple name:
//
//	FileConfigProvider       ${file:/path/to.properties:key}: a key of a properties file
//	DirectoryConfigProvider  ${dir:/path/to/folder:name}: the content of a file
//	EnvVarConfigProvider     ${env:NAME}: an environment variable
//
// Unlike Kafka, a reference that nothing resolves is an error: the text would
// otherwise be sent as a password. What stands for a reference is not looked through
// for further ones.
package providers
