// Package group is what a stream thread knows about its consumer group: which topics the
// group reads, how tasks are given out, and what a rebalance has changed.
package group
