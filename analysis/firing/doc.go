// Package firing tells a stream of events that went silent from one that is quiet by
// nature: what each hour lets expect is learned from the stream itself, by hour of the
// day and day of the week, and a silence is judged by how much was expected meanwhile.
//
// It describes streams and estimates nothing about people, so that nothing here has an
// interval.
package firing
