// Package design says before an experiment what it can find: how many units a difference
// takes, how small a difference given units can show, and what correlated or well predicted
// outcomes change about that.
package design
