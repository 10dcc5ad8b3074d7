// Package change finds the days from which a share is another one: the share of the records
// that carry a parameter, or that state one currency.
//
// It describes a series of counts, so that nothing here has an interval.
package change
