// Package useragent reads the text by which a program names itself to a web server, the
// User-Agent header of HTTP.
//
// Names come from the regular expressions of uap-core, as in Logstash and Elasticsearch, so
// that what is there already, such as a dashboard, finds the same words. They are tried one
// after the other, which takes about a millisecond; so a [Reader] remembers what it read,
// and of a text that is very long it reads only the beginning.
package useragent
