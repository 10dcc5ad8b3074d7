// Package analysis holds the statistics of the engine as pure functions: sums
// by arm go in, estimates with their uncertainty come out.
//
// This package defines what every estimator returns, so that a number can not
// travel without its interval, its level, the units behind it, the method that
// made it and the grade of its evidence. The estimators are in the packages
// below it, one folder an idea: [ghostlight/analysis/lift] compares randomized
// arms.
//
// Nothing here reads a file, a clock, a database or a global random source, and
// nothing here is imported but the standard library and gonum.
//
// Three rules hold for everything that is returned:
//
//   - No field is ever NaN or infinite. What can not be estimated says why in
//     [Estimate.NotEstimable]; an end of an interval that does not exist is
//     flagged as unbounded.
//   - Doubt is data: it is a [Warning] on the estimate, not an error. An error
//     means that the input is broken, such as more converters than units.
//   - A p-value stands beside an interval only when both come from the same
//     test, so that p < 1 - level exactly when the interval leaves out the value
//     of no effect.
package analysis
