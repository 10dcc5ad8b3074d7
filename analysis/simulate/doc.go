// Package simulate makes a made-up CTV campaign whose truth is known: who was
// randomized to what, which ads ran, who bought, and which record of it each
// system kept or spoiled.
//
// In: a Config. Out: households one after the other, each with all its
// records, and at the end a Truth with the exact number of everything that was
// planted. The package computes; it writes nothing. jobs/simulate.go turns the
// records into the files of a workspace.
//
// The world. Every household is randomized on its own to treatment or holdout
// and is assigned at a moment of the first two weeks of a six-week campaign.
// Ads reach it, or would have reached it (ghost exposures of the holdout), by
// the same process in both arms. With probability p0 in the holdout and
// p0*(1+lift) in treatment, drawn for each household on its own, it buys at
// least once inside the outcome window; the truth of the experiment is
// therefore p1-p0 and p1/p0-1. Order values do not depend on the arm, so the
// relative lift of revenue per household has the same truth.
//
// Everything else (test events, broken events, orders never paid, purchases
// outside the window, strangers' orders) is drawn without looking at the arm
// and never makes a paid order inside the window, so it cannot move the truth.
//
// Same Config, same records: each household draws from its own stream, seeded
// from Config.Seed and its number. There is no clock and no global state.
// Imports the standard library only.
package simulate
