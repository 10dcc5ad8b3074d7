// Package multiple keeps a declared family of comparisons honest: p-values that are
// adjusted for how many there are, and the level at which intervals of those that were
// picked out still cover.
//
// A family is declared before the data are seen. Looks in time are no part of it: an
// anytime-valid interval covers them already.
package multiple
