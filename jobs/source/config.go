// Package source brings outside files into the warehouse: it finds them,
// reads them, maps them to the engine's tables and loads each one whole.
package source

import (
	"errors"
	"regexp"
	"slices"
	"strings"
)

// Config is the `sources:` section of ghostlight.yaml, by source name.
// Walk it with [Config.Names]: the order of a Go map is not an order.
type Config map[string]Source

// Source says where the rows of one table come from and how they read.
type Source struct {
	// Table that the rows are for.
	Table string `yaml:"table" jsonschema:"required,enum=exposure,enum=event,enum=crm_order,enum=assignment,enum=identity_link,enum=spend"`
	// Format of the files: plain, with columns mapped here, or a pack that knows a platform's own layout.
	Format string `yaml:"format" jsonschema:"required,enum=csv,enum=jsonl,enum=parquet,enum=meta_capi,enum=shopify_orders"`
	// Files to read: one glob or a list of globs, relative to the workspace and below one of its roots; or s3://, gs:// or azblob:// URLs of a bucket, with globs; or - for standard input.
	Files Globs `yaml:"files"`
	// Optional files may be absent; otherwise a glob that matches nothing is an error.
	Optional bool `yaml:"optional,omitempty"`
	// Surface that the events were seen on. Packs know theirs.
	Surface string `yaml:"surface,omitempty" jsonschema:"enum=pixel,enum=server,enum=app,enum=analytics"`
	// Platform whose event names these are, as in the aliases of events.yaml. Packs know theirs; otherwise generic.
	Platform string `yaml:"platform,omitempty"`
	// MaxQuarantine is the share of records that may be refused before nothing is published: 0.5% when left out.
	MaxQuarantine string `yaml:"max_quarantine,omitempty"`
	// Columns of the table, each with where it comes from. Packs map their own.
	Columns map[string]Column `yaml:"columns,omitempty"`
	// Connection that URLs or a query are read through, one of connections.
	Connection string `yaml:"connection,omitempty" json:",omitempty"`
	// Query in place of files: one SELECT, or file:PATH of one. :cursor in it stands for the highest value of the cursor column seen so far.
	Query string `yaml:"query,omitempty" json:",omitempty"`
	// Cursor is the column of the query's answer that only grows: a whole number or a time.
	Cursor string `yaml:"cursor,omitempty" json:",omitempty"`
	// CursorStart is what :cursor stands for the first time.
	CursorStart string `yaml:"cursor_start,omitempty" json:",omitempty"`
	// MaxBytes of one file, as it is delivered and unpacked, such as 2GB: 64 GiB when left out, and 1 GiB or 256 times its size unpacked.
	MaxBytes string `yaml:"max_bytes,omitempty" json:",omitempty"`
}

// Column says where the values of one column come from. Its short form is
// the name of the file's column alone.
type Column struct {
	// Column of the file; in JSON lines a dotted path.
	Column string `yaml:"column,omitempty"`
	// Constant is the value of every row, instead of a column.
	Constant string `yaml:"constant,omitempty"`
	// ID is how an identifier is made comparable before it is keyed.
	ID IDRule `yaml:"id,omitempty" jsonschema:"enum=opaque,enum=email,enum=phone,enum=ip,enum=device,enum=sha256,enum=by_type"`
	// Time is how a point in time is written.
	Time TimeFormat `yaml:"time,omitempty" jsonschema:"enum=iso,enum=epoch_s,enum=epoch_ms,enum=epoch_us,enum=date,enum=any"`
	// Zone of times that carry none: UTC or an IANA name.
	Zone string `yaml:"zone,omitempty"`
	// Unit that money is written in.
	Unit MoneyUnit `yaml:"unit,omitempty" jsonschema:"enum=units,enum=cents,enum=micros"`
	// Values of the file, each with the value of the engine that it means. A value that is not listed stays as it is, or becomes what * stands for.
	Values map[string]string `yaml:"values,omitempty"`
}

// UnmarshalText reads the short form. It never fails.
func (c *Column) UnmarshalText(text []byte) error {
	*c = Column{Column: string(text)}
	return nil
}

// Globs are file patterns in the syntax of path.Match, with forward slashes.
// One pattern may be written without the list.
type Globs []string

// UnmarshalText reads the short form, one pattern. It never fails.
func (g *Globs) UnmarshalText(text []byte) error {
	*g = Globs{string(text)}
	return nil
}

// IDRule is how an identifier is normalised before it is hashed and keyed.
type IDRule string

// The identifier rules. SHA256 is for values that arrive as the hex SHA-256
// of the normalised identifier. ByType, for id_key of identity_link only,
// takes the rule of each row's id_type (customer: Opaque).
const (
	Opaque IDRule = "opaque"
	Email  IDRule = "email"
	Phone  IDRule = "phone"
	IP     IDRule = "ip"
	Device IDRule = "device"
	SHA256 IDRule = "sha256"
	ByType IDRule = "by_type"
)

// TimeFormat is how a point in time is written in a file.
type TimeFormat string

// The time formats. ISO is RFC 3339, or a local time when the column has a
// zone; Date is a calendar day, the midnight that begins it; Any is ISO or an
// epoch count whose unit its size tells.
const (
	ISO         TimeFormat = "iso"
	EpochSecond TimeFormat = "epoch_s"
	EpochMilli  TimeFormat = "epoch_ms"
	EpochMicro  TimeFormat = "epoch_us"
	Date        TimeFormat = "date"
	Any         TimeFormat = "any"
)

// MoneyUnit is what a whole number 1 is worth in a money column.
type MoneyUnit string

// The money units: whole currency units as decimal text, hundredths, millionths.
const (
	Units  MoneyUnit = "units"
	Cents  MoneyUnit = "cents"
	Micros MoneyUnit = "micros"
)

// Names returns the names of the sources in order.
func (c Config) Names() []string { return sortedKeys(c) }

// Normalise returns a copy with every default written out: the surface and
// platform of events, and for each column the rule, time format or unit that
// applies. It assumes that Validate found nothing.
func (c Config) Normalise() Config {
	out := make(Config, len(c))
	for name, src := range c {
		format, _ := FormatNamed(src.Format)
		if src.Table == "event" {
			if src.Surface == "" {
				src.Surface = format.Surface
			}
			if src.Platform == "" {
				src.Platform = format.Platform
			}
		}
		columns := make(map[string]Column, len(src.Columns))
		for name, col := range src.Columns {
			if spec, ok := columnNamed(src.Table, name); ok {
				columns[name] = col.normalise(spec)
			}
		}
		src.Columns = columns
		out[name] = src
	}
	return out
}

func (c Column) normalise(spec TableColumn) Column {
	switch spec.Type {
	case KeyColumn:
		if c.ID == "" {
			c.ID = spec.rule()
		}
	case TimeColumn:
		if c.Time == "" {
			c.Time = ISO
		}
	case DayColumn:
		if c.Time == "" {
			c.Time = Date
		}
	case MoneyColumn:
		if c.Unit == "" {
			c.Unit = Units
		}
	}
	return c
}

// Identity is the `identity:` section of ghostlight.yaml.
type Identity struct {
	// Key that identifiers are keyed with (HMAC-SHA-256): env:NAME or file:PATH, never the secret itself.
	Key KeyRef `yaml:"key"`
}

// DefaultIdentity keeps the key in the workspace's own folder.
func DefaultIdentity() Identity { return Identity{Key: KeyRef{File: ".ghostlight/key"}} }

// KeyRef says where a secret is kept: in an environment variable or in a
// file (relative to the workspace, or absolute). Exactly one is set.
type KeyRef struct{ Env, File string }

var envName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Errors of a key reference. None repeats the text, which may be a secret.
var (
	errKeyInClear = errors.New("a secret must not stand in the file: write env:NAME or file:PATH")
	errKeyEnv     = errors.New("env: needs the name of an environment variable")
	errKeyFile    = errors.New("file: needs a path that has no control characters and no .. in it")
)

// UnmarshalText reads env:NAME or file:PATH and refuses everything else
// without repeating it.
func (k *KeyRef) UnmarshalText(text []byte) error {
	s := string(text)
	if name, ok := strings.CutPrefix(s, "env:"); ok {
		if !envName.MatchString(name) {
			return errKeyEnv
		}
		*k = KeyRef{Env: name}
		return nil
	}
	if file, ok := strings.CutPrefix(s, "file:"); ok {
		if file == "" || hasControl(file) || slices.Contains(strings.Split(file, "/"), "..") {
			return errKeyFile
		}
		*k = KeyRef{File: file}
		return nil
	}
	return errKeyInClear
}

// MarshalText writes the reference as it is written in the YAML.
func (k KeyRef) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// String is the reference, which is no secret.
func (k KeyRef) String() string {
	if k.Env != "" {
		return "env:" + k.Env
	}
	return "file:" + k.File
}
