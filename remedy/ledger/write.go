package ledger

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"

	"safepublish/remedy/fault"
)

// stateError drops the system call and the path from err: the sentence names them.
func stateError(path, doing string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return &StateError{Path: path, Doing: doing, Err: err}
}

// put replaces a record at once or not at all, on the disk before it returns; an
// empty one is taken away.
func put(path string, record any, empty bool) error {
	if empty {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return stateError(path, "written", err)
		}
		return nil
	}
	text, err := json.Marshal(record)
	if err == nil {
		err = replace(path, text)
	}
	if err != nil {
		return stateError(path, "written", err)
	}
	return nil
}

func replace(path string, text []byte) error {
	tmp := path + ".new" // nobody else writes it: the lock is ours
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	fault.Point("journal-written")
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	fault.Point("journal-synced")
	if err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		_ = os.Remove(tmp)
		return err
	}
	fault.Point("journal-renamed")
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes sure that a rename in a folder is on the disk. What a system has
// no such call for (Windows, some network drives) is no error.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) && runtime.GOOS != "windows" {
		return err
	}
	return nil
}
