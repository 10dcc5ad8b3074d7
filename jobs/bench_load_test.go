//go:build bench

package jobs

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"ghostlight/jobs/source"
	"ghostlight/jobs/warehouse"
)

// The sizes of the load bench: GHOSTLIGHT_BENCH_SCALE divides them.
const (
	benchLoadExposures = 20_000_000
	benchLoadEvents    = 2_000_000
	benchLoadRepeats   = 3
)

// benchLoadEngine has little memory, so that what a load keeps of its file shows.
var benchLoadEngine = warehouse.Config{Threads: 2, MemoryLimit: "1GB", TempLimit: "40GB"}

// benchLoad is one kind of file, loaded with every check into a fresh warehouse
// and read beside it by the engine's own reader, without any.
type benchLoad struct {
	name    string
	rows    int64
	target  float64
	source  source.Source
	unkeyed source.Source // the same without identifiers, to tell what keying costs
	write   string        // SELECT that makes the file; $n is its number of records
	copy    string        // options of COPY
	bare    string        // SELECT of the same fields with the same types; $f is the file
	keyed   string        // the same with keys in place of identifiers
}

func benchLoads() []benchLoad {
	exposures := func(format string) (full, unkeyed source.Source) {
		columns := func() map[string]source.Column {
			return map[string]source.Column{
				"exposure_id":   {Column: "impression_id"},
				"household_key": {Column: "household"},
				"exposed_at":    {Column: "ts_ms", Time: source.EpochMilli},
				"campaign":      {Column: "campaign"},
				"creative":      {Column: "creative"},
				"kind":          {Column: "type", Values: map[string]string{"imp": "delivered", "ghost": "ghost"}},
			}
		}
		full = source.Source{Table: "exposure", Format: format, Columns: columns()}
		unkeyed = source.Source{Table: "exposure", Format: format, Columns: columns()}
		unkeyed.Columns["household_key"] = source.Column{Constant: "everyone"}
		return full, unkeyed
	}
	// 25 exposures a household on average, some with many.
	const log = `SELECT i || '.' || i % 40 AS impression_id,
			'hh-' || CAST(floor(pow(hash(i) % 1000000007 / 1000000007.0, 1.5) * ($n / 25)) AS BIGINT) AS household,
			1788220800000 + i * 5184000 % 5184000000 AS ts_ms,
			'campaign ' || hash(i + 1) % 4 AS campaign, 'creative ' || hash(i + 2) % 20 AS creative,
			CASE WHEN hash(i + 3) % 10 = 0 THEN 'ghost' ELSE 'imp' END AS type
		FROM range($n) t(i)`
	const typed = `read_csv($f, header = true, auto_detect = false, columns = {impression_id: 'VARCHAR', household: 'VARCHAR', ts_ms: 'BIGINT',
		campaign: 'VARCHAR', creative: 'VARCHAR', type: 'VARCHAR'})`
	// A request of some 700 bytes, as archives of the Conversions API hold it.
	const requests = `SELECT '{"received_at":"2026-10-01T10:00:00Z","data":[{"event_name":"Purchase","event_time":' || 1788220800 + i
			|| ',"event_id":"' || md5(CAST(i AS VARCHAR)) || '","action_source":"website","event_source_url":"https://shop.example/checkout/thank-you?order=' || i
			|| '","user_data":{"em":["' || sha256('p' || hash(i) % ($n // 2)) || '"],"external_id":["' || sha256('c' || hash(i) % ($n // 2))
			|| '"],"client_ip_address":"' || 11 + hash(i) % 60 || '.' || hash(i + 1) % 256 || '.' || hash(i + 2) % 256 || '.' || hash(i) % 256
			|| '","client_user_agent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36","fbp":"fb.1.1788220800000.' || hash(i + 5)
			|| '"},"custom_data":{"value":' || hash(i) % 20000 / 100 || ',"currency":"USD","order_id":"o' || i
			|| '","content_type":"product","content_ids":["sku-' || hash(i) % 500 || '"],"contents":[{"id":"sku-' || hash(i) % 500 || '","quantity":1,"item_price":9.5}]}}]}' AS line
		FROM range($n) t(i)`
	const events = `(SELECT received_at, test_event_code, unnest(data) AS e FROM read_json($f, format = 'newline_delimited', columns = {
		received_at: 'TIMESTAMP', test_event_code: 'VARCHAR', data: 'STRUCT(event_name VARCHAR, event_time BIGINT, event_id VARCHAR, action_source VARCHAR,
			opt_out VARCHAR, data_processing_options VARCHAR[],
			user_data STRUCT(em VARCHAR[], ph VARCHAR[], external_id VARCHAR[], madid VARCHAR, client_ip_address VARCHAR, fbc VARCHAR, fbp VARCHAR),
			custom_data STRUCT("value" DECIMAL(18,2), currency VARCHAR, order_id VARCHAR))[]'}))`
	csv, csvUnkeyed := exposures("csv")
	parquet, _ := exposures("parquet")
	capi := source.Source{Table: "event", Format: "meta_capi"}
	fold := func(read string) string {
		return "SELECT l.*, k.key FROM " + read + " AS l JOIN (SELECT raw, " + fmt.Sprintf(bareHMAC, "raw") + " AS key FROM (SELECT DISTINCT household AS raw FROM " + read + ")) AS k ON k.raw = l.household"
	}
	return []benchLoad{
		{name: "exposures.csv.gz", rows: benchLoadExposures, target: 0.75, source: csv, unkeyed: csvUnkeyed, write: log, copy: "(FORMAT csv, HEADER, COMPRESSION gzip)",
			bare: "SELECT * FROM " + typed, keyed: fold(typed)},
		{name: "exposures.parquet", rows: benchLoadExposures, target: 0.85, source: parquet, write: log, copy: "(FORMAT parquet)",
			bare: "SELECT * FROM read_parquet($f)", keyed: fold("read_parquet($f)")},
		{name: "capi.jsonl", rows: benchLoadEvents, target: 0.5, source: capi, write: requests, copy: `(FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER E'\x01')`,
			bare: `SELECT received_at, test_event_code, e.event_name, e.event_time, e.event_id, e.action_source, e.opt_out, e.data_processing_options,
				e.user_data.em, e.user_data.ph, e.user_data.external_id, e.user_data.madid, e.user_data.client_ip_address, e.user_data.fbc, e.user_data.fbp,
				e.custom_data."value", e.custom_data.currency, e.custom_data.order_id FROM ` + events},
	}
}

// TestBenchLoad loads one file of each kind with every check and beside it reads
// the same file by the engine's own reader: the same fields with the same types
// into a table on disk, and nothing else, so that bad rows, a damaged end and raw
// identifiers pass. They alternate; figures are medians. The ratio of processor
// time stands beside that of the clock, because it hardly depends on what else the
// machine does.
//
// keyed is the same reader which also replaces identifiers by an HMAC in SQL, for
// comparison. Keying is the share of processor time that a load with one constant
// identifier saves; "-" where that would take another way.
func TestBenchLoad(t *testing.T) {
	only := os.Getenv("GHOSTLIGHT_BENCH_ONLY")
	fmt.Printf("\n%-18s %9s %8s %10s %8s %8s %6s %6s %6s %7s %8s %9s\n", "file", "rows", "seconds", "rows/s", "bare s", "keyed s", "ratio", "target", "cpu", "keying", "peak GB", "1/4: GB")
	for _, b := range benchLoads() {
		if !strings.Contains(b.name, only) {
			continue
		}
		b.rows /= benchScale()
		dir := b.files(t)
		small := b.load(t, dir, "small", b.source)
		var ours, bare, keyed, unkeyed benchTimes
		for range benchLoadRepeats {
			ours.add(b.load(t, dir, "data", b.source))
			bare.add(b.engine(t, dir, b.bare))
			if b.keyed != "" {
				keyed.add(b.engine(t, dir, b.keyed))
			}
			if b.unkeyed.Table != "" {
				unkeyed.add(b.load(t, dir, "data", b.unkeyed))
			}
		}
		o, e := ours.median(), bare.median()
		share := "-"
		if b.unkeyed.Table != "" {
			share = fmt.Sprintf("%.0f%%", 100*(o.cpu-unkeyed.median().cpu)/o.cpu)
		}
		fmt.Printf("%-18s %9d %8.2f %10.0f %8.2f %8s %6.2f %6.2f %6.2f %7s %8.2f %9.2f\n", b.name, b.rows, o.seconds, float64(b.rows)/o.seconds,
			e.seconds, shownOr("-", keyed.median().seconds), e.seconds/o.seconds, b.target, e.cpu/o.cpu, share, o.peak, small.peak)
	}
}

// benchTime is what one load took.
type benchTime struct{ seconds, cpu, peak float64 }

type benchTimes struct{ seconds, cpu, peak []float64 }

func (b *benchTimes) add(t benchTime) {
	b.seconds, b.cpu, b.peak = append(b.seconds, t.seconds), append(b.cpu, t.cpu), append(b.peak, t.peak)
}

func (b *benchTimes) median() benchTime {
	if len(b.seconds) == 0 {
		return benchTime{}
	}
	return benchTime{median(b.seconds), median(b.cpu), median(b.peak)}
}

// measure times do.
func measure(t *testing.T, do func() error) benchTime {
	t.Helper()
	debug.FreeOSMemory()
	resetPeak(t)
	started, before := time.Now(), cpuSeconds(t)
	if err := do(); err != nil {
		t.Fatal(err)
	}
	return benchTime{time.Since(started).Seconds(), cpuSeconds(t) - before, peakGB(t)}
}

// cpuSeconds is the processor time of this process so far.
func cpuSeconds(t *testing.T) float64 {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return float64(used.Utime.Nano()+used.Stime.Nano()) / 1e9
}

// files makes the file, and one of a quarter of its size, unless they are there.
func (b *benchLoad) files(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", "bench", fmt.Sprintf("load-%d", b.rows)))
	if err != nil {
		t.Fatal(err)
	}
	for folder, n := range map[string]int64{"data": b.rows, "small": b.rows / 4} {
		path := filepath.Join(dir, folder, b.name)
		if _, err := os.Stat(path); err == nil {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		db, err := warehouse.Open(context.Background(), "", warehouse.Config{Threads: 1, MemoryLimit: "1GB", TempLimit: "40GB"}, warehouse.Options{Dirs: []string{dir}})
		if err != nil {
			t.Fatal(err)
		}
		part := path + ".part"
		err = db.Transact(context.Background(), func(tx *warehouse.Tx) error {
			_, err := tx.Exec(context.Background(), "COPY ("+strings.ReplaceAll(b.write, "$n", fmt.Sprint(n))+") TO "+sqlLiteral(part)+" "+b.copy)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(part, path); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// load times source.Load of the file in a folder into a fresh warehouse. Finding
// the file and its hash come before, as in a run, and are not counted.
func (b *benchLoad) load(t *testing.T, dir, folder string, src source.Source) benchTime {
	t.Helper()
	packs, err := source.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	src.Files = source.Globs{folder + "/" + b.name}
	src = source.Config{"bench": src}.With(packs)["bench"]
	roots, err := source.OpenRoots(dir, []string{folder})
	if err != nil {
		t.Fatal(err)
	}
	defer roots.Close()
	keyer, err := source.NewKeyer([]byte("a secret for the bench, 32 bytes"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := roots.Find("bench", src)
	if err != nil {
		t.Fatal(err)
	}
	db := b.open(t, dir)
	took := measure(t, func() error {
		return db.Transact(context.Background(), func(tx *warehouse.Tx) error {
			loaded, err := source.Load(context.Background(), tx, source.Request{Name: "bench", Source: src, File: files[0], Roots: roots, Keyer: keyer, RunID: "bench"})
			if err == nil && loaded.Quarantined > 0 {
				err = fmt.Errorf("%d rows refused: %s", loaded.Quarantined, loaded.FirstError)
			}
			return err
		})
	})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return took
}

// engine times the engine's own reader into a table on disk.
func (b *benchLoad) engine(t *testing.T, dir, query string) benchTime {
	t.Helper()
	db := b.open(t, dir)
	query = strings.ReplaceAll(query, "$f", sqlLiteral(filepath.Join(dir, "data", b.name)))
	took := measure(t, func() error {
		return db.Transact(context.Background(), func(tx *warehouse.Tx) error {
			_, err := tx.Exec(context.Background(), "CREATE TABLE bare AS "+query)
			return err
		})
	})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return took
}

func (b *benchLoad) open(t *testing.T, dir string) *warehouse.DB {
	t.Helper()
	db, err := warehouse.Open(context.Background(), filepath.Join(t.TempDir(), "load.duckdb"), benchLoadEngine, warehouse.Options{Dirs: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	return db
}
