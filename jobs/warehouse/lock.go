package warehouse

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// Owner says who holds the lock. It is written inside the lock file for people;
// the lock itself is the kernel's and vanishes with the process, so an owner
// found in a file that is not locked is history.
type Owner struct {
	PID     int       `json:"pid"`
	Host    string    `json:"host"`
	Command string    `json:"command"`
	Since   time.Time `json:"since"`
}

// LockedError is returned by [Lock] while another process holds the lock.
// errors.Is(err, ErrLocked) holds.
type LockedError struct {
	Path  string
	Owner Owner // zero when the holder has not written it yet
}

// Error names the holder.
func (e *LockedError) Error() string {
	if e.Owner.PID == 0 {
		return fmt.Sprintf("lock %s: held by another process", e.Path)
	}
	return fmt.Sprintf("lock %s: held by %q, process %d on %s since %s",
		e.Path, e.Owner.Command, e.Owner.PID, e.Owner.Host, e.Owner.Since.UTC().Format(time.RFC3339))
}

// Unwrap makes errors.Is(err, ErrLocked) hold.
func (e *LockedError) Unwrap() error { return ErrLocked }

// FileLock is a held lock.
type FileLock struct {
	file  *flock.Flock
	Owner Owner
}

// Lock takes the lock file at path for this process without waiting, making the
// file and its folder when missing. A lock whose process died, however it died,
// is free. It returns *LockedError when the lock is held, also when this very
// process holds it through another FileLock.
func Lock(path, command string, now time.Time) (*FileLock, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, failed("lock", "", err)
	}
	file := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o600))
	got, err := file.TryLock()
	if err != nil {
		return nil, failed("lock", "", fmt.Errorf("%s: %w", path, err))
	}
	if !got {
		return nil, &LockedError{Path: path, Owner: readOwner(path)}
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	lock := &FileLock{file: file, Owner: Owner{PID: os.Getpid(), Host: host, Command: command, Since: now.UTC()}}
	if err := writeOwner(path, lock.Owner); err != nil {
		return nil, failed("lock", "", errors.Join(err, file.Unlock()))
	}
	return lock, nil
}

// Unlock clears the owner and frees the lock. The file stays: deleting it would
// let two processes lock two files of the same name.
func (l *FileLock) Unlock() error {
	return failed("unlock", "", errors.Join(os.Truncate(l.file.Path(), 0), l.file.Unlock()))
}

func writeOwner(path string, o Owner) error {
	text, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("encode lock owner: %w", err)
	}
	// In place, not by rename: the lock is on this very file.
	if err := os.WriteFile(path, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write lock owner: %w", err)
	}
	return nil
}

// readOwner is best effort: the holder may be between locking and writing.
func readOwner(path string) Owner {
	text, err := os.ReadFile(path)
	if err != nil {
		return Owner{}
	}
	var o Owner
	if json.Unmarshal(text, &o) != nil {
		return Owner{}
	}
	return o
}
