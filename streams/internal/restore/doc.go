// Package restore brings the stores of a task to the ends of their changelogs, and knows
// which keys of the DB they have.
package restore
