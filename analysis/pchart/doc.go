// Package pchart finds the week in which a share fell: it holds the share of each week
// against the weeks before it.
//
// It looks back at weeks that are over and estimates nothing, so nothing here has an
// interval. It assumes that weeks are independent of each other.
package pchart
