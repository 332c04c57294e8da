package report

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"

	"safepublish/classify/npm"
	"safepublish/remedy/edit"
)

// file is where the report lies. Beside a package.json npm would pack it with the
// rest of the folder and publish it, and every try would send other bytes than
// the one before. So while npm may run there is only a symbolic link in its
// place, to a file in our state folder: npm packs none (npm-packlist, and measured
// with npm 6 to 12). The document itself takes its place at the end.
type file struct {
	path      string // where the report is to be: absolute, no link but our own
	state     string // where it is until the end; path itself outside of packages, "" where it is nowhere
	inPackage bool
	begun     bool  // a document was written
	lost      error // why nothing is written any more
}

// openFile finds out where the document goes. Its error says why it cannot be at
// path; nothing is changed.
func openFile(typed, state string, shell npm.Shell) (*file, error) {
	path, err := filepath.Abs(typed)
	if err != nil {
		return nil, fmt.Errorf("the report: %w", err)
	}
	if npms.MatchString(filepath.Base(path)) {
		return nil, refusal(shell, typed, "npm reads a file of that name")
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("the report cannot be written there: %w; make the folder first: %s",
			err, shell.MakeFolder(filepath.Dir(typed)))
	}
	path = filepath.Join(dir, filepath.Base(path))
	if target, err := os.Readlink(path); err == nil && !isHidden(target, state) { // the person's own link, which stays
		if _, err := os.Stat(path); err != nil {
			return nil, refusal(shell, typed, "that is a link to a file that does not exist")
		}
		if real, err := filepath.EvalSymlinks(path); err == nil { // /dev/stdout may lead to nowhere that has a name
			path = real
		}
	}
	f := &file{path: path, state: path, inPackage: packed(filepath.Dir(path))}
	if f.inPackage {
		f.state = hiddenFor(path, state)
	}
	if why := f.foreign(); why != "" {
		return nil, refusal(shell, typed, why)
	}
	return f, nil
}

// isHidden tells whether a link is one that we leave while npm runs.
func isHidden(target, state string) bool {
	return state != "" && filepath.Dir(target) == filepath.Join(state, "reports")
}

// hiddenFor returns the file in the state folder that stands for path, always the
// same one, so that killed runs leave no more than that.
func hiddenFor(path, state string) string {
	if state == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(path))
	return filepath.Join(state, "reports", fmt.Sprintf("%x.json", sum[:8]))
}

// packed tells whether npm may pack what lies in dir: it or a folder above it is
// a package.
func packed(dir string) bool {
	for {
		if _, err := os.Lstat(filepath.Join(dir, "package.json")); err == nil {
			return true
		}
		up := filepath.Dir(dir)
		if up == dir {
			return false
		}
		dir = up
	}
}

// begin puts the first document there, before npm starts; where npm could pack it, a
// link to it. Where there are no links (Windows) there is no report while npm runs.
func (f *file) begin(doc Document) error {
	if f.inPackage && f.state != "" && os.MkdirAll(filepath.Dir(f.state), 0o700) == nil && f.keep(doc) == nil && f.link() == nil {
		return nil
	}
	if err := f.write(f.path, doc); err != nil || !f.inPackage {
		return err
	}
	_ = os.Remove(f.state)
	f.state = ""
	return os.Remove(f.path)
}

// temporary names a file for a moment. npm packs nothing that begins with "._"
// (npm-packlist), should a kill leave it.
func temporary(dir string) string {
	return filepath.Join(dir, fmt.Sprintf("._safepublish-%x", rand.Uint64()))
}

func (f *file) link() error {
	name := temporary(filepath.Dir(f.path))
	if err := os.Symlink(f.state, name); err != nil {
		return err
	}
	err := os.Rename(name, f.path)
	if err != nil {
		_ = os.Remove(name)
	}
	return err
}

// keep writes the document while npm may run again.
func (f *file) keep(doc Document) error {
	if f == nil || f.state == "" {
		return nil
	}
	return f.write(f.state, doc)
}

// end writes the document to where it was asked for.
func (f *file) end(doc Document) error {
	if f == nil {
		return nil
	}
	err := f.write(f.path, doc)
	if f.state != "" && f.state != f.path && f.ours(f.state) {
		_ = os.Remove(f.state)
	}
	return err
}

// write replaces a report as a whole, and nothing else. The new file is readable by
// whom the umask lets.
func (f *file) write(path string, doc Document) error {
	var text bytes.Buffer
	if err := Write(&text, doc); err != nil {
		return err
	}
	if err := f.untouched(); err != nil {
		return err
	}
	if err := replace(path, text.Bytes()); err != nil {
		return fmt.Errorf("the report was not written: %w", err)
	}
	f.begun = true
	return nil
}

func replace(path string, text []byte) error {
	dir := filepath.Dir(path)
	return inFolder(dir, edit.Replace(path, text, edit.New{Temp: temporary(dir), Mode: 0o666, Fault: "report"}))
}

// inFolder says of a failed write where it was, without the name of the temporary
// file, which tells nobody anything.
func inFolder(dir string, err error) error {
	var number syscall.Errno
	if errors.As(err, &number) {
		return fmt.Errorf("%s: %w", dir, number)
	}
	return err
}
