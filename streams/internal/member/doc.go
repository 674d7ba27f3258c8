// Package member is what a stream thread is to its consumer group: a member that also
// produces, under either processing guarantee, and the errors that a new one survives.
package member
