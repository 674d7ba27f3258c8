// Package ours answers cases with the streams of this module, run by streamstest.
package ours
