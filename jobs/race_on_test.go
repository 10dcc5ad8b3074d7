//go:build race

package jobs

// raceDetector tells that the race detector is on.
const raceDetector = true
