package jobs

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"ghostlight/jobs/warehouse"
)

// parquetWriter turns parts of the exposure log into Parquet by the engine, in
// memory and apart from any warehouse.
type parquetWriter struct{ db *warehouse.DB }

// openParquetWriter starts an engine that may touch folder alone. It has one
// thread: rows keep their order, and so the file its bytes.
func openParquetWriter(ctx context.Context, folder string) (*parquetWriter, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	cfg := warehouse.DefaultConfig()
	cfg.Threads, cfg.MemoryLimit = 1, "1GB"
	db, err := warehouse.Open(ctx, "", cfg, warehouse.Options{Dirs: []string{folder}})
	if err != nil {
		return nil, err
	}
	return &parquetWriter{db}, nil
}

func (p *parquetWriter) close() error { return p.db.Close() }

// convertExposures writes part-0001.parquet from part-0001.csv and removes the
// latter.
func (p *parquetWriter) convertExposures(ctx context.Context, path string) error {
	from, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	query := fmt.Sprintf(`COPY (
	FROM read_csv(%s, header = true, auto_detect = false, parallel = false, columns = {
		impression_id: 'VARCHAR', household: 'VARCHAR', ts_ms: 'BIGINT', campaign: 'VARCHAR', creative: 'VARCHAR', type: 'VARCHAR'})
) TO %s (FORMAT parquet)`, sqlLiteral(from), sqlLiteral(strings.TrimSuffix(from, ".csv")+".parquet"))
	err = p.db.Transact(ctx, func(tx *warehouse.Tx) error {
		_, err := tx.Exec(ctx, query)
		return err
	})
	if err != nil {
		return fmt.Errorf("write %s as Parquet: %w", filepath.Base(path), err)
	}
	return os.Remove(path)
}

// sqlLiteral is s as a text literal of SQL.
func sqlLiteral(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
