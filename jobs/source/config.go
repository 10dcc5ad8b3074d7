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
	// Table that the rows are for. Packs know theirs.
	Table string `yaml:"table,omitempty" jsonschema:"enum=exposure,enum=event,enum=crm_order,enum=assignment,enum=identity_link,enum=spend,enum=platform_report"`
	// Format of the files: csv, jsonl or parquet, with columns mapped here; the name of a mapping pack, which knows a platform's own layout (ghostlight formats lists them; packs/NAME.yaml adds one); or auto, which finds the pack of each file by what is in it.
	Format string `yaml:"format" jsonschema:"required"`
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
	// MinRowsVsMedian is the share of the median of the source's earlier files that a new file must have at least: 50%, say. Without it, or with fewer than three earlier files, any number is accepted.
	MinRowsVsMedian string `yaml:"min_rows_vs_median,omitempty" json:",omitempty"`
	// Restated says what happens to a file whose content changed since it was loaded: replace takes the new content instead of the old (the default), append keeps both, error refuses it.
	Restated string `yaml:"restated,omitempty" json:",omitempty" jsonschema:"enum=error,enum=replace,enum=append"`
	// ExtraColumns says what happens to columns of a file that the mapping does not name: accept records them and warns of new ones (the default), error refuses the file.
	ExtraColumns string `yaml:"extra_columns,omitempty" json:",omitempty" jsonschema:"enum=accept,enum=error"`
	// MaxBytes of one file, as it is delivered and unpacked, such as 20GB: 64 GiB when left out, and 1 GiB or 256 times its size unpacked.
	MaxBytes string `yaml:"max_bytes,omitempty" json:",omitempty"`
	// Manifest is a file, or a glob, that lists the names of the files that belong to a delivery, each alone or after its SHA-256 as sha256sum writes it. Nothing is published before all of them are there.
	Manifest string `yaml:"manifest,omitempty" json:",omitempty"`
	// AllowRefunds accepts amounts below zero: refunds and credits that are rows of their own.
	AllowRefunds bool `yaml:"allow_refunds,omitempty" json:",omitempty"`
	// Names of events that the platform knows by an id alone: the account's id of the conversion, and the name to read it as.
	Names map[string]string `yaml:"names,omitempty"`
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

	pack  *Pack // of a format that is one, by Config.With
	packs Packs // of format auto, which chooses one for each file
}

// Column says where the values of one column come from. Its short form is
// the name of the file's column alone.
type Column struct {
	// Column of the file; in JSON lines a dotted path, in which list[] means every element, list[0] the first and list[name=value] those whose member name has the value.
	Column string `yaml:"column,omitempty"`
	// First lists alternatives instead of a column: the first that a record has counts.
	First []Column `yaml:"first,omitempty"`
	// Join lists columns instead of one: their values with / between them, when a record has all of them. Of columns divided by | the first that a record has counts; one that ends in | may be absent. With id: opaque what is stored is a key of the whole, as of an identifier: for texts of which a part is one.
	Join []string `yaml:"join,omitempty"`
	// Constant is the value of every row, instead of a column.
	Constant string `yaml:"constant,omitempty"`
	// ID is how an identifier is made comparable before it is keyed.
	ID IDRule `yaml:"id,omitempty" jsonschema:"enum=opaque,enum=email,enum=phone,enum=ip,enum=device,enum=sha256,enum=by_type"`
	// Hash is the rule under which an e-mail address or phone number that arrives hashed was written before: only what was hashed alike is joined.
	Hash HashRule `yaml:"hash,omitempty" jsonschema:"enum=plain,enum=gmail,enum=bare,enum=untagged,enum=digits,enum=plus"`
	// Time is how a point in time is written.
	Time TimeFormat `yaml:"time,omitempty" jsonschema:"enum=iso,enum=epoch_s,enum=epoch_ms,enum=epoch_us,enum=date,enum=any"`
	// Zone of times that carry none: UTC or an IANA name.
	Zone string `yaml:"zone,omitempty"`
	// Unit that money is written in.
	Unit MoneyUnit `yaml:"unit,omitempty" jsonschema:"enum=units,enum=cents,enum=micros,enum=millicents,enum=microcents"`
	// Number shows how amounts are written whose digits are in groups or whose decimal sign is a comma: 1,234.5, 1.234,5 or 1 234,5. Groups may be left out, never misplaced.
	Number NumberForm `yaml:"number,omitempty" jsonschema:"enum=1\\,234.5,enum=1.234\\,5,enum=1 234\\,5"`
	// Strip is a prefix of texts that is no part of them: # makes 1001 of #1001.
	Strip string `yaml:"strip,omitempty"`
	// Values of the file, each with the value of the engine that it means. Of states, consent and flags capitals do not matter. A value that is not listed stays as it is, or becomes what * stands for; an empty text is no value, so that the next alternative counts.
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

// HashRule is how a sender wrote an e-mail address or a phone number before it
// hashed it. The same person has another hash under another rule.
type HashRule string

// The hash rules. Of e-mail addresses, all trimmed and in lower case: Plain as it
// is (Meta, TikTok, Snap, Pinterest, LinkedIn, Amazon, IAB ECAPI), Gmail without
// the dots of a gmail.com or googlemail.com address (Google), Bare without dots
// and +tag at any domain (Reddit through Segment), Untagged without +tag (Roku).
// Of phone numbers with country code: Digits alone (Meta, Snap, Pinterest, Amazon,
// Roku) or with a Plus before them (Google, TikTok, Reddit, IAB ECAPI).
const (
	Plain    HashRule = "plain"
	Gmail    HashRule = "gmail"
	Bare     HashRule = "bare"
	Untagged HashRule = "untagged"
	Digits   HashRule = "digits"
	Plus     HashRule = "plus"
)

// TimeFormat is how a point in time is written in a file.
type TimeFormat string

// The time formats. ISO is RFC 3339, or a local time when the column has a
// zone; Date is a calendar day, the midnight that begins it; Any is ISO, a date or an
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

// The money units: whole currency units as decimal text, hundredths, millionths,
// thousandths of a cent and millionths of a cent.
const (
	Units      MoneyUnit = "units"
	Cents      MoneyUnit = "cents"
	Micros     MoneyUnit = "micros"
	Millicents MoneyUnit = "millicents"
	Microcents MoneyUnit = "microcents"
)

// NumberForm is how the amount 1234.5 is written in a file.
type NumberForm string

// The number forms beside plain digits with a decimal point.
const (
	CommaGroups NumberForm = "1,234.5"
	PointGroups NumberForm = "1.234,5"
	BlankGroups NumberForm = "1 234,5"
)

// signs are the group separators and the decimal sign of a form.
func (n NumberForm) signs() (groups, decimal string) {
	switch n {
	case CommaGroups:
		return ",", "."
	case PointGroups:
		return ".", ","
	}
	return " \u00a0\u202f", ","
}

// Names returns the names of the sources in order.
func (c Config) Names() []string { return sortedKeys(c) }

// NoPlatform is the platform of records that were sent to none: the site's and the app's own.
const NoPlatform = "generic"

// Normalise returns a copy with every default written out: the surface and
// platform of events, and for each column the rule, time format or unit that
// applies. It assumes that Validate found nothing.
func (c Config) Normalise() Config {
	out := make(Config, len(c))
	for name, src := range c {
		out[name] = src.normalise()
	}
	return out
}

func (s Source) normalise() Source {
	if s.pack != nil {
		s.Table = s.pack.Table
	}
	if s.Table == "event" || s.Table == "platform_report" {
		if s.Surface == "" && s.pack != nil {
			s.Surface = s.pack.Surface
		}
		if s.Platform == "" && s.pack != nil {
			s.Platform = s.pack.Platform
		}
		if s.Platform == "" {
			s.Platform = NoPlatform
		}
	}
	columns := make(map[string]Column, len(s.Columns))
	for name, col := range s.Columns {
		if spec, ok := columnNamed(s.Table, name); ok {
			columns[name] = col.normalise(spec)
		}
	}
	s.Columns = columns
	return s
}

func (c Column) normalise(spec TableColumn) Column {
	if len(c.First) > 0 {
		first := make([]Column, len(c.First))
		for i, alternative := range c.First {
			first[i] = alternative.normalise(spec)
		}
		c.First = first
		return c
	}
	switch spec.Type {
	case KeyColumn:
		if c.ID == "" {
			c.ID = spec.rule()
		}
		if c.Hash == "" && (c.ID == Email || c.ID == Phone) {
			c.Hash = defaultHash(c.ID)
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

// Delivers tells whether the source may have records seen on a surface, or orders
// (crm).
func (s Source) Delivers(origin string) bool {
	if s.Format == AutoFormat {
		return true
	}
	if origin == "crm" {
		return s.Table == "crm_order"
	}
	_, mapped := s.Columns["surface"]
	return s.Table == "event" && (mapped || s.Surface == origin || s.Surface == "" && s.pack != nil && s.pack.Surface == origin)
}

// Maps tells whether the source's rows can have a value in the column.
func (s Source) Maps(column string) bool {
	if s.Format == AutoFormat {
		return true
	}
	columns := s.Columns
	if s.pack != nil {
		columns = s.pack.Columns
	}
	_, mapped := columns[column]
	return mapped
}

// defaultHash is the rule that most platforms hash under.
func defaultHash(id IDRule) HashRule {
	if id == Phone {
		return Digits
	}
	return Plain
}

// alternatives are the places that a column's value may come from, in order.
func (c Column) alternatives() []Column {
	if len(c.First) > 0 {
		return c.First
	}
	return []Column{c}
}

// reads tells whether the column's value is made of the file's column of a name.
func (c Column) reads(name string) bool {
	return c.Column == name || slices.ContainsFunc(c.Join, func(part string) bool { return slices.Contains(alternatives(part), name) })
}

// Identity is the `identity:` section of ghostlight.yaml.
type Identity struct {
	// Key that identifiers are keyed with (HMAC-SHA-256): env:NAME or file:PATH, never the secret itself.
	Key KeyRef `yaml:"key"`
	// Country, two letters, of phone numbers that carry no country code. Without it such numbers are refused.
	Country string `yaml:"country,omitempty"`
	// IPv6Prefix is how many leading bits of an IPv6 address stand for a household: 64, or 128 for the whole address.
	IPv6Prefix int `yaml:"ipv6_prefix,omitempty" jsonschema:"enum=64,enum=128"`
}

// DefaultIdentity keeps the key in the workspace's own folder.
func DefaultIdentity() Identity {
	return Identity{Key: KeyRef{File: ".ghostlight/key"}, IPv6Prefix: 64}
}

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
