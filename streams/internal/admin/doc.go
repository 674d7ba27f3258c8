// Package admin makes an app's topics and checks those that others must make:
// what has to be right on the brokers before the first task starts.
package admin
