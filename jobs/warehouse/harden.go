package warehouse

import (
	"context"
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// setting is the engine settings that a warehouse is opened with, by name.
type setting = map[string]string

// settings turns Config and Options into engine settings and the folders that
// the engine may use, each absolute, also as what its links point to, and ending
// in a separator.
func settings(cfg Config, opt Options) (setting, []string, error) {
	want := setting{
		"threads":                  fmt.Sprint(cfg.Threads),
		"memory_limit":             cfg.engineMemory(),
		"max_temp_directory_size":  cfg.TempLimit,
		"temp_directory":           "",
		"preserve_insertion_order": "false", // rows come in no order unless a SELECT orders them
	}
	dirs := opt.Dirs
	if opt.TempDir != "" {
		temp, err := filepath.Abs(opt.TempDir)
		if err != nil {
			return nil, nil, err
		}
		if err := os.MkdirAll(temp, 0o700); err != nil {
			return nil, nil, err
		}
		want["temp_directory"] = temp
		dirs = append([]string{temp}, dirs...)
	}
	var allowed []string
	for _, dir := range dirs {
		dir, err := filepath.Abs(dir)
		if err != nil {
			return nil, nil, err
		}
		if dir == filepath.Dir(dir) {
			return nil, nil, fmt.Errorf("folder %s: the root of the file system cannot be opened to the engine", dir)
		}
		allowed = append(allowed, withSeparator(dir))
		if real, err := filepath.EvalSymlinks(dir); err == nil && real != dir {
			allowed = append(allowed, withSeparator(real))
		}
	}
	return want, allowed, nil
}

func withSeparator(dir string) string { return dir + string(filepath.Separator) }

// harden returns the driver's hook for new connections. The first one closes the
// instance to the network, to extensions and to all files outside dirs, then
// locks its settings; the others inherit all of it.
func harden(dirs []string) func(driver.ExecerContext) error {
	statements := hardeningStatements(dirs)
	var mu sync.Mutex
	done := false
	return func(conn driver.ExecerContext) error {
		mu.Lock()
		defer mu.Unlock()
		if done {
			return nil
		}
		for _, statement := range statements {
			if _, err := conn.ExecContext(context.Background(), statement, nil); err != nil {
				return fmt.Errorf("%s: %w", statement, err)
			}
		}
		done = true
		return nil
	}
}

// hardeningStatements in the order that works: the folders before the access is
// closed, the lock last.
func hardeningStatements(dirs []string) []string {
	quoted := make([]string, len(dirs))
	for i, dir := range dirs {
		quoted[i] = "'" + strings.ReplaceAll(dir, "'", "''") + "'"
	}
	return []string{
		"SET GLOBAL TimeZone = 'UTC'",
		"SET autoinstall_known_extensions = false",
		"SET autoload_known_extensions = false",
		"SET allow_community_extensions = false",
		"SET allow_persistent_secrets = false",
		// The cache knows a file by size and time in seconds: one that is written
		// anew within a second would be read as it was.
		"SET enable_external_file_cache = false",
		"SET allowed_directories = [" + strings.Join(quoted, ", ") + "]",
		"SET enable_external_access = false",
		// What spills may hold identifiers that are not keyed yet. The engine's own
		// cipher is all there is without extensions; its keys die with the process.
		"SET force_mbedtls_unsafe = 'true'",
		"SET temp_file_encryption = true",
		"SET lock_configuration = true",
	}
}

// hardened is what the engine must say about itself when asked.
var hardened = setting{
	"TimeZone":                     "UTC",
	"autoinstall_known_extensions": "false",
	"autoload_known_extensions":    "false",
	"allow_community_extensions":   "false",
	"allow_persistent_secrets":     "false",
	"allow_unsigned_extensions":    "false",
	"enable_external_access":       "false",
	"enable_external_file_cache":   "false",
	"force_mbedtls_unsafe":         "true",
	"temp_file_encryption":         "true",
	"lock_configuration":           "true",
}

// mustRefuse are statements that a hardened engine denies before it does
// anything: the file and the network are never reached. The file lies in no folder that
// Options can name, and need not exist.
func mustRefuse(file string) []string {
	return []string{
		"SELECT count(*) FROM read_text('" + file + "')",
		"COPY (SELECT 1) TO '" + file + "'",
		"ATTACH '" + file + "' AS outside",
		"INSTALL httpfs",
		"SET threads = 1",
		"SET enable_external_access = true",
	}
}

// proveHardening reads the settings back, on a connection of its own, and tries
// what must be refused.
func proveHardening(ctx context.Context, pool *sql.DB, want setting) error {
	const hint = "do not use this build; report it with the output of `ghostlight doctor`"
	for _, expected := range []setting{want, hardened} {
		for name, value := range expected {
			var got string
			query := "SELECT value FROM duckdb_settings() WHERE name = ?"
			if err := pool.QueryRowContext(ctx, query, name).Scan(&got); err != nil {
				return fmt.Errorf("read setting %s: %w", name, err)
			}
			if !sameSetting(got, value) {
				return broken("self-test", "", hint, "engine setting %s is %q, not %q", name, got, value)
			}
		}
	}
	// The engine notes for the whole process which files are being attached: two
	// warehouses that are opened at once must not ask for the same.
	for _, statement := range mustRefuse("/ghostlight-outside/" + rand.Text()) {
		_, err := pool.ExecContext(ctx, statement)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			return broken("self-test", "", hint, "the engine allowed: %s", statement)
		}
		if !refused(err) {
			return broken("self-test", "", hint, "the engine did not refuse, but failed: %s: %w", statement, err)
		}
	}
	return nil
}

// sameSetting compares texts, or sizes: the engine prints 4GB as 3.7 GiB.
func sameSetting(got, want string) bool {
	if got == want {
		return true
	}
	g, gotErr := ParseSize(got)
	w, wantErr := ParseSize(want)
	return gotErr == nil && wantErr == nil && math.Abs(g-w) <= 0.05*w
}
