package jobs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"ghostlight/jobs/source"
	"ghostlight/jobs/warehouse"
)

// States of a doctor's check.
const (
	OK   = "ok"
	Warn = "warn"
	Fail = "fail"
)

// Diagnosis is what Doctor found, in the order in which it looked.
type Diagnosis struct {
	SchemaVersion int           `json:"schema_version"`
	Checks        []DoctorCheck `json:"checks"`
}

// DoctorCheck is one thing that was looked at.
type DoctorCheck struct {
	Name   string `json:"name"`
	Status string `json:"status"` // ok, warn or fail
	Detail string `json:"detail"`
	Hint   string `json:"hint,omitempty"`
}

// UnwellError holds what failed in a diagnosis.
type UnwellError struct{ Causes []error }

func (e *UnwellError) Error() string {
	return plural(len(e.Causes), "check") + " failed"
}

// Unwrap returns the causes.
func (e *UnwellError) Unwrap() []error { return e.Causes }

// Doctor examines the machine and the workspace in dir. It changes nothing, but
// for a file that it makes and removes at once to see whether a folder can be
// written. The error is an *UnwellError when a check failed; [ExitCode] is then
// that of the gravest cause.
func Doctor(ctx context.Context, dir string, opt OpenOptions) (Diagnosis, error) {
	d := &doctor{ctx: ctx, dir: dir, opt: opt, config: warehouse.DefaultConfig(), Diagnosis: Diagnosis{SchemaVersion: 1}}
	d.program()
	d.clock()
	d.configuration()
	d.folders()
	d.disk()
	d.memory()
	d.key()
	d.connections()
	d.lock()
	if len(d.causes) > 0 {
		return d.Diagnosis, &UnwellError{d.causes}
	}
	return d.Diagnosis, nil
}

type doctor struct {
	Diagnosis
	ctx       context.Context
	dir       string
	opt       OpenOptions
	workspace *Workspace
	config    warehouse.Config
	causes    []error
}

func (d *doctor) say(name, status, detail, hint string) {
	d.Checks = append(d.Checks, DoctorCheck{name, status, detail, hint})
}

func (d *doctor) fail(name string, err error) {
	message, hint := explain(err)
	d.say(name, Fail, message, hint)
	d.causes = append(d.causes, err)
}

// program tells the versions; opening an engine in memory proves that it works
// and is hardened.
func (d *doctor) program() {
	var engine string
	db, err := warehouse.Open(d.ctx, "", d.config, warehouse.Options{})
	if err == nil {
		engine, err = db.Version(d.ctx)
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		d.fail("program", err)
		return
	}
	d.say("program", OK, fmt.Sprintf("ghostlight %s, engine %s, %s, %s/%s, %d CPUs",
		d.opt.CodeVersion, engine, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU()), "")
}

// clock compares nothing: it shows what schedules and defaults will go by.
func (d *doctor) clock() {
	now := d.opt.Now()
	zone, _ := now.Zone()
	detail := fmt.Sprintf("%s; this machine's zone is %s, and windows, schedules and reports are in UTC", now.UTC().Format(time.RFC3339), zone)
	if now.Year() < 2026 {
		d.say("clock", Warn, detail, "the year cannot be right: set the clock, or give --as-of with every run")
		return
	}
	d.say("clock", OK, detail, "")
}

// configuration decides the limits that are looked at next: the defaults when it
// is faulty.
func (d *doctor) configuration() {
	w, err := LoadWorkspace(d.dir)
	if err != nil {
		d.fail("configuration", err)
		return
	}
	d.workspace, d.config = w, w.Engine
	d.say("configuration", OK, fmt.Sprintf("valid; sources: %d, events: %d, studies: %d", len(w.Sources), len(w.Events), len(w.Studies)), "")
}

// folders tries to write where a run writes.
func (d *doctor) folders() {
	for _, folder := range []string{stateFolder, outFolder} {
		place := existing(filepath.Join(d.dir, folder), d.dir)
		file, err := os.CreateTemp(place, ".doctor-*")
		if err == nil {
			err = errors.Join(file.Close(), os.Remove(file.Name()))
		}
		info, statErr := os.Stat(filepath.Join(d.dir, folder))
		switch {
		case err != nil:
			d.fail(folder, fmt.Errorf("write to %s: %w", place, err))
		case errors.Is(statErr, fs.ErrNotExist):
			d.say(folder, OK, "not there yet; it can be made", "")
		case folder == stateFolder && statErr == nil && info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows":
			d.say(folder, Warn, fmt.Sprintf("writable, but others can enter it (mode %04o)", info.Mode().Perm()), "chmod 700 "+filepath.Join(d.dir, folder))
		default:
			d.say(folder, OK, "writable", "")
		}
	}
}

// existing is the folder, or the one above while it is not there.
func existing(folder, above string) string {
	if info, err := os.Stat(folder); err == nil && info.IsDir() {
		return folder
	}
	return above
}

// leastDisk is what a run needs at least besides its temporary files.
const leastDisk = 1 << 30

func (d *doctor) disk() {
	place := existing(filepath.Join(d.dir, stateFolder), d.dir)
	free, kind, err := diskFree(place)
	if err != nil {
		d.say("disk", Warn, fmt.Sprintf("free space of %s is not known: %v", place, err), "")
		return
	}
	_, temp, err := d.limits()
	detail := gigabytes(free) + " free"
	switch {
	case err != nil:
		d.fail("disk", err)
	case free < leastDisk:
		d.fail("disk", fmt.Errorf("%s, at least 1.0 GB is needed: %w", detail, warehouse.ErrResources))
	case free < temp:
		d.say("disk", Warn, detail+", less than engine.temp_limit ("+d.config.TempLimit+")", "free space, or lower engine.temp_limit so that a query stops before the disk is full")
	case kind != "":
		d.say("disk", Warn, detail+", on a network file system ("+kind+")", "keep .ghostlight on a local disk: locks and durability cannot be relied on here")
	default:
		d.say("disk", OK, detail+"; engine.temp_limit is "+d.config.TempLimit, "")
	}
}

// processMemory is what the process needs besides the engine.
const processMemory = 300 << 20

func (d *doctor) memory() {
	total, err := memoryTotal()
	if err != nil {
		d.say("memory", Warn, fmt.Sprintf("the memory of this machine is not known: %v", err), "")
		return
	}
	limit, _, err := d.limits()
	detail := fmt.Sprintf("%s; engine.memory_limit is %s", gigabytes(total), d.config.MemoryLimit)
	switch {
	case err != nil:
		d.fail("memory", err)
	case limit+processMemory > total:
		d.say("memory", Warn, detail+", which does not fit", "lower engine.memory_limit to leave 0.5 GB for the process and more for the system")
	default:
		d.say("memory", OK, detail, "")
	}
}

// limits are the engine's limits in bytes, as the engine reads them.
func (d *doctor) limits() (memory, temp uint64, err error) {
	db, err := warehouse.Open(d.ctx, "", d.config, warehouse.Options{})
	if err != nil {
		return 0, 0, err
	}
	err = db.Transact(d.ctx, func(tx *warehouse.Tx) error {
		rows, err := warehouse.Read[struct {
			Memory int64 `db:"memory"`
			Temp   int64 `db:"temp"`
		}](d.ctx, tx, `SELECT CAST(parse_formatted_bytes(?) AS BIGINT) AS memory, CAST(parse_formatted_bytes(?) AS BIGINT) AS temp`,
			d.config.MemoryLimit, d.config.TempLimit)
		for _, row := range rows {
			memory, temp = uint64(row.Memory), uint64(row.Temp)
		}
		return err
	})
	return memory, temp, errors.Join(err, db.Close())
}

func gigabytes(bytes uint64) string { return fmt.Sprintf("%.1f GB", float64(bytes)/1e9) }

// connections tells whether the secrets can be read, and connects to nothing.
func (d *doctor) connections() {
	if d.workspace == nil || len(d.workspace.Connections) == 0 {
		return
	}
	if errs := d.workspace.Connections.CheckSecrets(secretsOf(d.workspace, d.opt)); len(errs) > 0 {
		for _, err := range errs {
			d.fail("connections", err)
		}
		return
	}
	d.say("connections", OK, fmt.Sprintf("connections: %d, and their secrets can be read", len(d.workspace.Connections)), "ghostlight check tries them")
}

func (d *doctor) key() {
	if d.workspace == nil {
		return // which key, the configuration says
	}
	if err := checkSecret(d.workspace, d.opt); err != nil {
		d.fail("identity key", err)
		return
	}
	ref := d.workspace.Identity.Key
	detail := ref.String() + " is usable"
	if file := ref.File; file != "" {
		if !filepath.IsAbs(file) {
			file = filepath.Join(d.dir, file)
		}
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			detail = ref.String() + " is made at the first run"
		}
	}
	d.say("identity key", OK, detail, "")
}

// lock tells who works here, and looks into the warehouse when nobody does.
func (d *doctor) lock() {
	path := filepath.Join(d.dir, stateFolder, lockFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		d.say("lock", OK, "free", "")
		d.warehouse()
		return
	}
	lock, err := warehouse.Lock(path, d.opt.Command, d.opt.Now())
	if locked, ok := errors.AsType[*warehouse.LockedError](err); ok {
		d.say("lock", OK, lockedMessage(locked.Owner), "")
		d.say("warehouse", OK, "in use, so it was not opened", "")
		return
	}
	if err != nil {
		d.fail("lock", err)
		return
	}
	d.say("lock", OK, "free", "")
	d.warehouse()
	if err := lock.Unlock(); err != nil {
		d.fail("lock", err)
	}
}

// warehouse opens the stored warehouse for reading and checks the ledgers.
func (d *doctor) warehouse() {
	path := filepath.Join(d.dir, stateFolder, warehouseFile)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		d.say("warehouse", OK, "not there yet; the first run makes it", "")
		return
	}
	var runs int64
	if err == nil {
		runs, err = d.ledgers(path)
	}
	if err != nil {
		d.fail("warehouse", err)
		return
	}
	d.say("warehouse", OK, fmt.Sprintf("%.1f MB, runs: %d, ledgers in order", float64(info.Size())/1e6, runs), "")
}

func (d *doctor) ledgers(path string) (runs int64, err error) {
	db, err := warehouse.Open(d.ctx, path, d.config, warehouse.Options{ReadOnly: true, TempDir: filepath.Join(d.dir, stateFolder, "tmp")})
	if err != nil {
		return 0, err
	}
	err = db.Transact(d.ctx, func(tx *warehouse.Tx) error {
		for _, table := range []string{"ops.load", "ops.run", "ops.stage_run", "result.run", "result.estimate"} {
			if err := tx.Check(d.ctx, table, nil); err != nil {
				return err
			}
		}
		rows, err := warehouse.Read[struct {
			N int64 `db:"n"`
		}](d.ctx, tx, "SELECT count(*) AS n FROM ops.run")
		for _, row := range rows {
			runs = row.N
		}
		if err != nil {
			return err
		}
		if err := source.Balance(d.ctx, tx); err != nil {
			return err
		}
		return d.erasures(tx)
	})
	return runs, errors.Join(err, db.Close())
}

// erasures tells of erasures that were stopped half-way.
func (d *doctor) erasures(tx *warehouse.Tx) error {
	rows, err := warehouse.Read[struct {
		N int64 `db:"n"`
	}](d.ctx, tx, "SELECT count(*) AS n FROM ops.erasure WHERE NOT is_finished")
	if err == nil && rows[0].N > 0 {
		d.say("erasures", Warn, "the rows are deleted, but the free space of the warehouse still holds them",
			"any command that writes to the workspace wipes it; it needs as much free disk as the warehouse has")
	}
	return err
}
