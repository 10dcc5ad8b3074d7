package main

import (
	"io"
	"os"
	"slices"
	"sync"

	"github.com/schollz/progressbar/v3"

	"ghostlight/jobs"
)

// bars draws progress on a terminal. A nil bars draws nothing.
type bars struct {
	mu    sync.Mutex
	out   io.Writer
	title string
	bar   *progressbar.ProgressBar
}

// newBars is nil where a bar would only be noise: in a file, in CI, with --json
// and with --quiet.
func newBars(a *app) *bars {
	if a.quiet || a.json || os.Getenv("CI") != "" || !isTerminal(a.stderr) {
		return nil
	}
	return &bars{out: a.stderr}
}

// partsOfStage is how finely the bar moves inside a stage.
const partsOfStage = 1000

// study moves the bar of a run: as many parts for each stage, whatever it takes.
func (b *bars) study(study, stage string, done, total int64) {
	stages := jobs.StageNames()
	at := slices.Index(stages, stage)
	if b == nil || at < 0 {
		return
	}
	parts := int64(at) * partsOfStage
	if total > 0 {
		parts += partsOfStage * min(done, total) / total
	}
	b.set(study, stage, parts, int64(len(stages))*partsOfStage)
}

// households moves the bar of a simulation.
func (b *bars) households(done, total int64) {
	if b != nil {
		b.set("simulate", "households", done, total)
	}
}

func (b *bars) set(title, step string, done, total int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bar == nil || b.title != title {
		b.clear()
		b.title = title
		b.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(b.out), progressbar.OptionSetWidth(30),
			progressbar.OptionSetPredictTime(false), progressbar.OptionClearOnFinish())
	}
	_ = b.bar.Set64(done) // a bar that cannot be drawn is not worth failing for
	b.bar.Describe(title + "  " + step)
}

func (b *bars) clear() {
	if b.bar != nil {
		_ = b.bar.Clear()
		b.bar = nil
	}
}

// close takes the bar away, so that what is printed next stands alone.
func (b *bars) close() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clear()
}

// around is a writer that takes the bar away before each write, for the log.
func (b *bars) around(w io.Writer) io.Writer {
	if b == nil {
		return w
	}
	return besideBars{b, w}
}

type besideBars struct {
	bars *bars
	io.Writer
}

func (w besideBars) Write(p []byte) (int, error) {
	w.bars.close()
	return w.Writer.Write(p)
}
