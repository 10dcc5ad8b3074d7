package warehouse

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Config is the `engine` section of a workspace: what the engine may use.
type Config struct {
	Threads     int    `yaml:"threads"`      // worker threads, at least 1
	MemoryLimit string `yaml:"memory_limit"` // memory of the process, roughly, e.g. 4GB
	TempLimit   string `yaml:"temp_limit"`   // disk it may use while a query does not fit in memory, e.g. 20GB
}

// DefaultConfig fits a small machine. It does not look at the machine, so that
// two machines with the same files work under the same settings.
func DefaultConfig() Config {
	return Config{Threads: 2, MemoryLimit: "4GB", TempLimit: "20GB"}
}

// minMemory is the least memory the engine does any useful work with, in bytes.
const minMemory = 64_000_000

// Validate lists every problem at once, each as "field: problem", joined with
// [errors.Join]; nil when there is none.
func (c Config) Validate() error {
	var problems []error
	if c.Threads < 1 || c.Threads > 1024 {
		problems = append(problems, fmt.Errorf("threads: %d is not between 1 and 1024", c.Threads))
	}
	if size, err := ParseSize(c.MemoryLimit); err != nil {
		problems = append(problems, fmt.Errorf("memory_limit: %w", err))
	} else if size < minMemory {
		problems = append(problems, fmt.Errorf("memory_limit: %q is less than 64MB", c.MemoryLimit))
	}
	if _, err := ParseSize(c.TempLimit); err != nil {
		problems = append(problems, fmt.Errorf("temp_limit: %w", err))
	}
	return errors.Join(problems...)
}

// programMemory is what the process needs beside the engine, whatever that does. An
// engine that is told less than littleMemory gives some work up.
const (
	programMemory = 200e6
	littleMemory  = 256e6
)

// engineMemory is what of the memory limit DuckDB is told: two thirds of what the program
// leaves, because the engine was measured up to half as much again above what it is told
// (allocations that it does not count). It is half of the limit at least, and of a small
// one two thirds.
func (c Config) engineMemory() string {
	size, err := ParseSize(c.MemoryLimit)
	if err != nil {
		return c.MemoryLimit // Validate refuses it
	}
	return strconv.FormatFloat(min(size/3*2, max(size/2, (size-programMemory)/3*2, littleMemory)), 'f', 0, 64) + " bytes"
}

// sizeUnits in the spelling and meaning of DuckDB: kB is 1000 and KiB is 1024.
var sizeUnits = []struct {
	suffix string
	bytes  float64
}{
	{"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30}, {"tib", 1 << 40},
	{"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9}, {"tb", 1e12},
	{"bytes", 1}, {"b", 1}, // after those that end like it
}

// ParseSize reads "4GB", "3.7 GiB" or "512 bytes" as a number of bytes.
func ParseSize(s string) (float64, error) {
	text := strings.ToLower(strings.TrimSpace(s))
	for _, u := range sizeUnits {
		number, ok := strings.CutSuffix(text, u.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || !(n > 0) || n*u.bytes > 1e18 {
			break
		}
		return n * u.bytes, nil
	}
	return 0, fmt.Errorf("%q is not a size such as 4GB or 512MB", s)
}
