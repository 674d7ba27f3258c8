// Package crew runs what one worker of a group was given: instances of connectors, and
// tasks of these connectors and of others.
//
// [Crew.Apply] is told everything that should run, again and again, and starts, stops,
// pauses and resumes what differs; what stays is not touched. Connectors start and plan
// their tasks in goroutines of their own, so that a slow one holds nobody up.
package crew
