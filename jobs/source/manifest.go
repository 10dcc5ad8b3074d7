package source

import (
	"bufio"
	"path"
	"strconv"
	"strings"
)

// maxManifest bounds the lines of a manifest.
const maxManifest = 1_000_000

// delivered checks the files of a source against its manifests: every file that one
// of them lists is there, with the content that it states. The names are relative
// to the manifest's folder. A file that no manifest lists is read as it is.
func (r *Roots) delivered(name string, src Source, files []File) error {
	if src.Manifest == "" {
		return nil
	}
	manifests, err := r.glob(name, src.Manifest)
	if err != nil {
		return err
	}
	if len(manifests) == 0 && !src.Optional {
		return &FileError{Source: name, Path: src.Manifest, What: "incomplete delivery: the manifest is not there", Err: ErrIncomplete,
			Hint: "run again when the delivery is complete; nothing was published"}
	}
	found := map[string]File{}
	for _, f := range files {
		if f.LeftOut == nil {
			found[f.Path] = f
		}
	}
	for _, m := range manifests {
		if err := r.checkManifest(name, m, found); err != nil {
			return err
		}
	}
	return nil
}

func (r *Roots) checkManifest(name, manifest string, found map[string]File) error {
	f, _, err := r.open(name, manifest)
	if err != nil {
		return err
	}
	defer f.Close()
	fault := func(line int64, what, hint string, cause error) error {
		return &FileError{Source: name, Path: manifest, Line: line, What: what, Hint: hint, Err: cause}
	}
	var listed, missing int64
	first := ""
	lines := bufio.NewScanner(f)
	for no := int64(1); lines.Scan(); no++ {
		sum, file := manifestEntry(lines.Text())
		switch {
		case file == "":
			continue
		case RelativePath(file) != "" || no > maxManifest:
			return fault(no, "not the name of a file in the manifest's folder", "write one name a line, or SHA-256 and name as sha256sum does", nil)
		}
		listed++
		got, ok := found[path.Join(path.Dir(manifest), file)]
		switch {
		case !ok:
			missing++
			if first == "" {
				first = file
			}
		case sum != "" && sum != got.SHA256:
			return &FileError{Source: name, Path: got.Path, What: "the file is not what the manifest " + manifest + " states (SHA-256)",
				Hint: "nothing of it was loaded: deliver it again"}
		}
	}
	if err := lines.Err(); err != nil {
		return fault(0, "the manifest cannot be read: "+reason(err), "write one name a line", nil)
	}
	if missing > 0 {
		return fault(0, "incomplete delivery: "+strconv.FormatInt(missing, 10)+" of "+strconv.FormatInt(listed, 10)+" files are missing, the first is "+label(first),
			"run again when the delivery is complete, or correct files of the source; nothing was published", ErrIncomplete)
	}
	return nil
}

// manifestEntry reads a line: a name, or a hash and a name with a blank and a blank
// or star between them. Blank lines and those that begin with # have no name.
func manifestEntry(line string) (sum, file string) {
	line = trim(line)
	if strings.HasPrefix(line, "#") {
		return "", ""
	}
	if len(line) > 66 && line[64] == ' ' {
		if _, ok := hexHash(line[:64]); ok {
			return strings.ToLower(line[:64]), strings.TrimPrefix(line[66:], "./")
		}
	}
	return "", strings.TrimPrefix(line, "./")
}
