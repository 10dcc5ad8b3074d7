package source

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/zeebo/xxh3"
)

// progressStep is how many bytes pass between two calls of a progress function.
const progressStep = 4 << 20

// stream reads the text of a file: decompressed by its name (.gz, .zst), with
// checksum, length and end verified, and hashed on the way so that what is
// loaded is what was found.
type stream struct {
	io.Reader
	file     *os.File
	meta     File
	sum      xxh3.Hasher
	zstd     *zstd.Decoder
	done     int64
	told     int64
	progress func(done, total int64)
}

// openStream opens the text of a found file. progress may be nil; it is called
// with bytes read of the file as it lies on disk, and its size.
func (r *Roots) openStream(f File, progress func(done, total int64)) (*stream, error) {
	file, _, err := r.openFound(f)
	if err != nil {
		return nil, err
	}
	s := &stream{file: file, meta: f, progress: progress}
	raw := bufio.NewReaderSize(readFunc(s.readRaw), 1<<15)
	magic, _ := raw.Peek(4)
	isGzip, isZstd := bytes.HasPrefix(magic, []byte{0x1f, 0x8b}), bytes.HasPrefix(magic, []byte{0x28, 0xb5, 0x2f, 0xfd})
	s.Reader = raw
	name := strings.ToLower(f.Path)
	if name == stdinGlob { // has no name to say how it is compressed
		switch {
		case isGzip:
			name = ".gz"
		case isZstd:
			name = ".zst"
		}
	}
	switch {
	case f.Size == 0:
	case strings.HasSuffix(name, ".gz"):
		z, err := gzip.NewReader(raw)
		if err != nil {
			s.Close()
			return nil, s.broken(err)
		}
		s.Reader = z
	case strings.HasSuffix(name, ".zst"):
		z, err := zstd.NewReader(raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(256<<20))
		if err != nil {
			s.Close()
			return nil, s.broken(err)
		}
		s.Reader, s.zstd = z, z
	case isGzip || isZstd:
		s.Close()
		return nil, &FileError{Source: f.Source, Path: f.Path, What: "the file is compressed and its name does not say so",
			Hint: "name gzip files .gz and Zstandard files .zst"}
	}
	return s, nil
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

// readRaw reads the file's own bytes, hashes and counts them.
func (s *stream) readRaw(p []byte) (int, error) {
	n, err := s.file.Read(p)
	s.sum.Write(p[:n])
	s.done += int64(n)
	if s.progress != nil && s.done-s.told >= progressStep {
		s.told = s.done
		s.progress(s.done, s.meta.Size)
	}
	return n, err
}

// Close releases the file.
func (s *stream) Close() error {
	if s.zstd != nil {
		s.zstd.Close()
	}
	return s.file.Close()
}

// verify is called after the reader came to its end: every byte of the file was
// read, and they are the bytes that were found.
func (s *stream) verify() error {
	if s.done != s.meta.Size || s.sum.Sum128() != s.meta.quick {
		return &FileError{Source: s.meta.Source, Path: s.meta.Path, What: ErrChanged.Error(), Err: ErrChanged,
			Hint: "deliver files under another name and rename them when they are complete"}
	}
	return nil
}

// broken says what is wrong with a file that cannot be read or decompressed.
func (s *stream) broken(err error) error {
	e := &FileError{Source: s.meta.Source, Path: s.meta.Path, Err: err, Hint: "nothing of it was loaded: deliver it again"}
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		e.What = "the compressed file is cut off"
	case errors.Is(err, gzip.ErrChecksum) || errors.Is(err, zstd.ErrCRCMismatch):
		e.What = "the compressed file is damaged (checksum)"
	case errors.Is(err, gzip.ErrHeader) || errors.Is(err, zstd.ErrMagicMismatch):
		e.What = "the file is not compressed as its name says, or has other bytes after its end"
	default:
		e.What = "the file cannot be read: " + reason(err)
	}
	return e
}

// form tells how the text of a file is laid out: it begins with Parquet's magic
// bytes, with a JSON object or list, or is taken for CSV. What cannot be opened is
// left for loading to explain.
func (r *Roots) form(f File) (string, error) {
	in, err := r.openStream(f, nil)
	if err != nil {
		var refused *FileError
		if errors.As(err, &refused) {
			return "csv", nil
		}
		return "", err
	}
	defer in.Close()
	head := make([]byte, 512)
	n, _ := io.ReadFull(in, head)
	head = bytes.TrimLeft(bytes.TrimPrefix(head[:n], []byte{0xef, 0xbb, 0xbf}), " \t\r\n")
	switch {
	case bytes.HasPrefix(head, []byte("PAR1")):
		return "parquet", nil
	case bytes.HasPrefix(head, []byte("{")), bytes.HasPrefix(head, []byte("[")):
		return "jsonl", nil
	}
	return "csv", nil
}

// isCompressed tells by its name that a file is compressed, or may be.
func isCompressed(path string) bool {
	name := strings.ToLower(path)
	return name == stdinGlob || strings.HasSuffix(name, ".gz") || strings.HasSuffix(name, ".zst")
}
