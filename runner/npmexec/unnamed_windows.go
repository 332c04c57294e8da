package npmexec

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// unnamedFile returns a file that nobody else can open. Windows removes it when we
// end, whatever ends us, and remove its folder.
func unnamedFile() (f *os.File, remove func(), err error) {
	dir, err := os.MkdirTemp("", "safepublish-")
	if err != nil {
		return nil, nil, err
	}
	path := filepath.Join(dir, "stdout")
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return nil, nil, err
	}
	h, err := windows.CreateFile(name, windows.GENERIC_READ|windows.GENERIC_WRITE, 0, nil, windows.CREATE_NEW,
		windows.FILE_ATTRIBUTE_TEMPORARY|windows.FILE_FLAG_DELETE_ON_CLOSE, 0)
	if err != nil {
		os.Remove(dir)
		return nil, nil, err
	}
	return os.NewFile(uintptr(h), path), func() { os.Remove(dir) }, nil
}
