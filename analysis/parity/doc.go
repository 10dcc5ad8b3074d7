// Package parity judges how far two lists of the same events are from each other:
// against fixed bands, and against what the same comparison gave before.
//
// It describes lists and estimates nothing: a ratio of two full counts has no sampling
// error, so nothing here has an interval.
package parity
