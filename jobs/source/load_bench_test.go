package source

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkLoad loads one file of 200,000 records of each format, from finding it
// to its rows in clean.*, into an empty warehouse.
func BenchmarkLoad(b *testing.B) {
	const n = 200_000
	cases := []struct {
		name  string
		src   Source
		write func(w *world)
	}{
		{"exposure_csv", exposures("csv", "a.csv"), func(w *world) {
			w.lines("a.csv", n, "imp,hh,ts,cr,type", func(i int) string {
				return fmt.Sprintf("i%08d,hh-%07d,%d,creative %d,imp", i, i*7919%8000, 1757203200000+i, i%5)
			})
		}},
		{"exposure_parquet", exposures("parquet", "a.parquet"), func(w *world) {
			w.parquet("a.parquet", fmt.Sprintf(`SELECT 'i' || i AS imp, 'hh-' || i * 7919 %% 8000 AS hh, 1757203200000 + i AS ts,
				'creative ' || i %% 5 AS cr, 'imp' AS type FROM range(%d) t(i)`, n))
		}},
		{"event_meta", meta("a.jsonl"), func(w *world) {
			w.lines("a.jsonl", n, "", func(i int) string {
				return fmt.Sprintf(`{"data":[{"event_name":"Purchase","event_time":%d,"event_id":"e%d","action_source":"website","user_data":{"em":["%s"],"client_ip_address":"10.0.%d.%d","client_user_agent":"Mozilla/5.0 (X11; Linux x86_64)"},"custom_data":{"value":%d.99,"currency":"USD","order_id":"o%d","content_ids":["a","b"]}}]}`,
					1757203200+i, i, mailHash, i/256%256, i%256, i%100, i)
			})
		}},
		{"crm_order_csv", crm("a.csv"), func(w *world) {
			w.lines("a.csv", n, "id,at,state,total,cur,mail", func(i int) string {
				return fmt.Sprintf("%d,2026-09-07 10:00:00,verified,%d.50,USD,p%d@x.org", i, i%90, i)
			})
		}},
	}
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			for range b.N {
				b.StopTimer()
				w := newWorld(b)
				c.write(w)
				b.StartTimer()
				got, err := w.load(Config{"s": c.src})
				b.StopTimer()
				if err != nil || got[0].Loaded != n {
					b.Fatalf("%+v, %v", got, err)
				}
				if err := w.db.Close(); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
			b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

// lines writes n lines after a first one, unless that is empty.
func (w *world) lines(name string, n int, first string, line func(i int) string) {
	w.t.Helper()
	f, err := os.Create(filepath.Join(w.dir, "data", name))
	if err != nil {
		w.t.Fatal(err)
	}
	out := bufio.NewWriter(f)
	if first != "" {
		fmt.Fprintln(out, first)
	}
	for i := range n {
		fmt.Fprintln(out, line(i))
	}
	if err := out.Flush(); err != nil {
		w.t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		w.t.Fatal(err)
	}
}
