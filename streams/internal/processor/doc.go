// Package processor has what processors that users write see of their task.
package processor
