//go:build bench

package jobs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ghostlight/analysis/simulate"
	"ghostlight/jobs/warehouse"
)

// The size of the bench: GHOSTLIGHT_BENCH_SCALE divides it, for a quick look.
const (
	benchHouseholds  = 2_000_000
	benchExposures   = 50_000_000
	benchConversions = 2_000_000
	benchAsOf        = "2026-11-23"
	benchRepeats     = 5
)

var benchEngine = warehouse.Config{Threads: 2, MemoryLimit: "4GB", TempLimit: "40GB"}

// TestBench builds the 50-million-exposure workspace once, runs the pipeline on
// it with 2 threads and 4 GB, and measures beside it, in the same process and
// the same minutes, what it is compared with: the floor of attribution, and the
// same steps as bare SQL. It prints figures; the machine decides how fast they
// are, so only the ratios mean something.
func TestBench(t *testing.T) {
	dir := benchWorkspace(t)
	for _, leftover := range []string{stateFolder, outFolder} {
		if err := os.RemoveAll(filepath.Join(dir, leftover)); err != nil {
			t.Fatal(err)
		}
	}
	stages := benchRun(t, dir)
	bare := benchBare(t, dir)
	grid := benchGrid(t, dir)

	fmt.Printf("\n%-12s %9s %14s %12s %10s %9s %8s\n", "stage", "seconds", "rows", "rows/s", "peak GB", "bare s", "ratio")
	var total, bareTotal, peak float64
	for _, s := range stages {
		bareSeconds := bare[s.name]
		fmt.Printf("%-12s %9.2f %14d %12.0f %10.2f %9s %8s\n", s.name, s.seconds, s.rows, float64(s.rows)/s.seconds, s.peak,
			shownOr("-", bareSeconds), shownOr("-", s.seconds/max(bareSeconds, 1e-9)*sign(bareSeconds)))
		total += s.seconds
		bareTotal += bareSeconds
		peak = max(peak, s.peak)
	}
	fmt.Printf("%-12s %9.2f %14s %12s %10.2f %9.2f %8.2f   target 1.5\n", "run", total, "", "", peak, bareTotal, total/bareTotal)
	fmt.Printf("\nattribution over the sorted touches, median of %d\n", benchRepeats)
	fmt.Printf("floor (scan of 3 columns)   %8.3f s   of the log as loaded, with text keys: %.3f s\n", grid.floor, grid.log)
	fmt.Printf("one window                  %8.3f s   %5.2f x floor\n", grid.single, grid.single/grid.floor)
	fmt.Printf("grid of four windows        %8.3f s   %5.2f x floor (target 6)   %5.2f x one window (target 1.3)\n",
		grid.four, grid.four/grid.floor, grid.four/grid.single)
	fmt.Printf("                                        %5.2f x the scan of the log\n", grid.four/grid.log)
	fmt.Printf("peak memory of the process  %8.2f GB  (target 4.5)\n", peak)
}

func sign(x float64) float64 {
	if x == 0 {
		return 0
	}
	return 1
}

func shownOr(none string, x float64) string {
	if x == 0 {
		return none
	}
	return strconv.FormatFloat(x, 'f', 2, 64)
}

func benchScale() int64 {
	if n, err := strconv.ParseInt(os.Getenv("GHOSTLIGHT_BENCH_SCALE"), 10, 64); err == nil && n > 0 {
		return n
	}
	return 1
}

// benchWorkspace makes the workspace when it is not there yet.
func benchWorkspace(t *testing.T) string {
	t.Helper()
	scale := benchScale()
	dir, err := filepath.Abs(filepath.Join("..", "bench", fmt.Sprintf("%dm", benchExposures/1_000_000/scale)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "truth.json")); err == nil {
		return dir
	}
	world := simulate.Default()
	world.Households, world.Exposures, world.Seed = benchHouseholds/scale, benchExposures/scale, 50
	started := time.Now()
	err = Simulate(context.Background(), SimulateOptions{Dir: dir, World: world, Conversions: benchConversions / scale, Format: "parquet"})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("made %s in %.0f s, peak %.2f GB\n", filepath.Base(dir), time.Since(started).Seconds(), peakGB(t))
	return dir
}

type benchStage struct {
	name          string
	rows          int64
	seconds, peak float64
}

// benchRun makes the report and notes each stage.
func benchRun(t *testing.T, dir string) []benchStage {
	t.Helper()
	options := testOptions()
	options.Now = time.Now
	peaks := map[string]float64{}
	last := ""
	options.Progress = func(_, stage string, _, _ int64) {
		if stage != last {
			if last != "" {
				peaks[last] = peakGB(t)
			}
			resetPeak(t)
			last = stage
		}
	}
	engine, err := open(context.Background(), dir, options, &benchEngine)
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse(time.DateOnly, benchAsOf)
	if err != nil {
		t.Fatal(err)
	}
	result, err := engine.Run(context.Background(), RunRequest{Study: "ctv_known_effect", AsOf: at})
	if err != nil {
		t.Fatal(err)
	}
	peaks[last] = peakGB(t)
	rows := benchLedger(t, engine)
	if err := engine.Close(); err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		rows[i].peak = peaks[rows[i].name]
	}
	wantTruth(t, readReport(t, filepath.Join(dir, outFolder, "ctv_known_effect", result.RunID, "results.json")), dir)
	return rows
}

func benchLedger(t *testing.T, engine *Engine) (stages []benchStage) {
	t.Helper()
	err := engine.db.Transact(context.Background(), func(tx *warehouse.Tx) error {
		rows, err := warehouse.Read[stageRow](context.Background(), tx,
			"SELECT attempt_id, stage_no, stage, row_count, seconds FROM ops.stage_run ORDER BY attempt_id, stage_no")
		for _, row := range rows {
			stages = append(stages, benchStage{name: row.Stage, rows: row.RowCount, seconds: row.Seconds})
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return stages
}

type gridFigures struct{ floor, log, single, four float64 }

// benchGrid times, over the model that the run left, the scan of the three
// columns that attribution needs, of the narrow table and of the log as it was
// loaded, and attribution itself for one window and for four: the queries of
// model.last_touch and result.window_count. Nothing
// is stored by any of them, and they alternate.
func benchGrid(t *testing.T, dir string) gridFigures {
	t.Helper()
	engine, err := open(context.Background(), dir, testOptions(), &benchEngine)
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	study, err := engine.Workspace.Study("ctv_known_effect")
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse(time.DateOnly, benchAsOf)
	if err != nil {
		t.Fatal(err)
	}
	four := &run{Engine: engine, study: study, asOf: at, id: scenarioRun}
	widest := study.Attribution.Windows[len(study.Attribution.Windows)-1]
	one := &run{Engine: engine, study: study.under(ScenarioRequest{Attribution: []Duration{widest}}), asOf: at, id: scenarioRun}
	var seconds [4][]float64
	for range benchRepeats {
		seconds[0] = append(seconds[0], benchQuery(t, four, "SELECT sum(household_id), sum(exposed_us), sum(creative_id) FROM model.touch"))
		seconds[1] = append(seconds[1], benchAttribution(t, one))
		seconds[2] = append(seconds[2], benchAttribution(t, four))
		seconds[3] = append(seconds[3], benchQuery(t, four, "SELECT sum(length(household_key)), sum(exposed_us), sum(serving_no) FROM clean.exposure"))
	}
	return gridFigures{floor: median(seconds[0]), single: median(seconds[1]), four: median(seconds[2]), log: median(seconds[3])}
}

func benchAttribution(t *testing.T, r *run) float64 {
	t.Helper()
	return benchQuery(t, r, bareText(t, r.params(), "model.last_touch")) + benchQuery(t, r, bareText(t, r.params(), "result.window_count"))
}

// benchQuery times a query whose rows are counted and not kept, with the windows
// of the run's study in place.
func benchQuery(t *testing.T, r *run, query string) (seconds float64) {
	t.Helper()
	ctx := context.Background()
	err := r.db.Transact(ctx, func(tx *warehouse.Tx) error {
		if err := r.fillStudy(ctx, tx); err != nil {
			return err
		}
		started := time.Now()
		if _, err := tx.Exec(ctx, query); err != nil {
			return err
		}
		seconds = time.Since(started).Seconds()
		return errDiscard
	})
	if !errors.Is(err, errDiscard) {
		t.Fatal(err)
	}
	return seconds
}

func median(x []float64) float64 {
	slices.Sort(x)
	return x[len(x)/2]
}

// peakGB is the high-water mark of the process's memory since resetPeak.
func peakGB(t *testing.T) float64 {
	t.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if errors.Is(err, fs.ErrNotExist) {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(string(text), "\n") {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			var kb float64
			if _, err := fmt.Sscanf(rest, "%f", &kb); err != nil {
				t.Fatal(err)
			}
			return kb * 1024 / 1e9
		}
	}
	return 0
}

func resetPeak(t *testing.T) {
	t.Helper()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Logf("the peak counts from the start of the process: %v", err)
	}
}
