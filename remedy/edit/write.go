package edit

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"

	"safepublish/remedy/fault"
)

// New says how the file is made that takes another one's place.
type New struct {
	Temp  string      // its path while it is written, in the same folder; what is there is removed
	Mode  fs.FileMode // less the umask
	Like  fs.FileInfo // the file whose owner and mode it gets; nil for none
	Fault string      // what the fault suite calls the steps of this write
}

// Replace gives the file at path new contents, at once or not at all, and on the disk
// before it returns.
func Replace(path string, text []byte, n New) error {
	_ = os.Remove(n.Temp) // of a run that was killed
	tmp, err := os.OpenFile(n.Temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, n.Mode)
	if err != nil {
		return err
	}
	defer os.Remove(n.Temp) // after the rename it is gone; an error comes by here, and a panic
	fault.Point(n.Fault + "-created")
	_, err = tmp.Write(text)
	fault.Point(n.Fault + "-written")
	if err == nil {
		err = tmp.Sync()
	}
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if err == nil && n.Like != nil {
		err = makeLike(n.Temp, n.Like)
	}
	fault.Point(n.Fault + "-synced")
	if err == nil {
		err = rename(n.Temp, path)
	}
	if err != nil {
		return err
	}
	fault.Point(n.Fault + "-renamed")
	return syncFolder(filepath.Dir(path))
}

func makeLike(path string, like fs.FileInfo) error {
	if uid, gid, ok := Owner(like); ok {
		if err := os.Chown(path, uid, gid); err != nil {
			return err
		}
	}
	return os.Chmod(path, like.Mode()) // after the owner: chown takes set-id bits away
}

// syncFolder makes sure that a rename in a folder is on the disk. A folder that may
// be written and not read is no error, nor is a system that has no such call (Windows,
// some network drives).
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if errors.Is(err, fs.ErrPermission) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	err = f.Sync()
	if runtime.GOOS == "windows" || errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}

// tempOf is what a kill in the middle of an edit leaves beside the file. npm packs no
// .*.swp of a package that does not list its files by "*" (npm-packlist 1 to 10,
// measured with npm 6 to 12).
func tempOf(path string) string {
	return filepath.Join(filepath.Dir(path), ".safepublish-"+filepath.Base(path)+".swp")
}

// write puts text into the entry's file at once or not at all, with the file's
// mode and owner; of a symbolic link into the target. Where the folder, the owner
// or a mount (a single file bound into a container cannot be renamed over) forbids
// that, it is written over in place: note, where not nil, is told so before.
func (e *Entry) write(text []byte, note func() error) error {
	path, err := filepath.EvalSymlinks(e.Path)
	if err != nil {
		return err
	}
	was, err := os.Stat(path)
	if err != nil {
		return err
	}
	err = Replace(path, text, New{Temp: tempOf(path), Mode: 0o600, Like: was, Fault: "edit"})
	if !errors.Is(err, fs.ErrPermission) && !errors.Is(err, syscall.EBUSY) {
		return err
	}
	e.InPlace = true
	if note != nil {
		if err := note(); err != nil {
			return err
		}
	}
	return overwrite(path, text)
}

// overwrite writes over what a file holds, without emptying it first: on a full
// disk the blocks that it has are still its own.
func overwrite(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(text[:len(text)/2])
	fault.Point("in-place")
	if err == nil {
		_, err = f.Write(text[len(text)/2:])
	}
	if err == nil {
		err = f.Truncate(int64(len(text)))
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
