package edit

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestMakeUnwritable runs as nobody, for root may write everywhere: Linux keeps
// a user for file access that is each thread's own.
func TestMakeUnwritable(t *testing.T) {
	dir := folder(t, map[string]string{"package.json": manifest, "package-lock.json": lock})
	plan, path := bumped(t, dir), filepath.Join(dir, "package-lock.json")
	if err := os.Chmod(path, 0o444); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
	if os.Getuid() == 0 {
		for _, name := range []string{"package.json", "package-lock.json"} {
			if err := os.Chown(filepath.Join(dir, name), 65534, 65534); err != nil {
				t.Fatal(err)
			}
		}
		defer as(t, 65534)()
	}
	err := new(Journal).Make(plan, noted)
	if err == nil || err.Error() != "nothing was written, because package-lock.json cannot be written: permission denied" {
		t.Errorf("%v", err)
	}
	if read(t, dir, "package.json") != manifest {
		t.Error("package.json was written nevertheless")
	}
}

// TestMakeWithoutFolder rewrites a file in a folder in which no file can be
// made, and one whose owner cannot be given to another: in place.
func TestMakeWithoutFolder(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs two users, and so root")
	}
	for name, folderMode := range map[string]os.FileMode{"no new files": 0o755, "another owner": 0o777} {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, map[string]string{"package.json": manifest})
			plan, path := bumped(t, dir), filepath.Join(dir, "package.json")
			open(t, dir)
			if err := os.Chmod(path, 0o666); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(dir, folderMode); err != nil {
				t.Fatal(err)
			}
			back := as(t, 65534)
			err := new(Journal).Make(plan, noted)
			back()
			if err != nil {
				t.Fatal(err)
			}
			s, _ := os.Stat(path)
			uid, _, _ := Owner(s)
			if got := read(t, path); !strings.Contains(got, `"1.0.1"`) || uid != 0 || s.Mode().Perm() != 0o666 {
				t.Errorf("uid %d, %v, %s", uid, s.Mode(), got)
			}
			if left, _ := os.ReadDir(dir); len(left) != 1 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// TestMakeKeepsOwner checks that root leaves the file to whom it belongs.
func TestMakeKeepsOwner(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs two users, and so root")
	}
	dir := folder(t, map[string]string{"package.json": manifest})
	plan, path := bumped(t, dir), filepath.Join(dir, "package.json")
	if err := os.Chown(path, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	if err := new(Journal).Make(plan, noted); err != nil {
		t.Fatal(err)
	}
	s, _ := os.Stat(path)
	if uid, gid, _ := Owner(s); uid != 65534 || gid != 65534 {
		t.Errorf("now owned by %d:%d", uid, gid)
	}
}

// open lets everybody reach the test's folder.
func open(t *testing.T, dir string) {
	t.Helper()
	for ; len(dir) > len(os.TempDir()); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// as makes this goroutine another user for file access; the function it returns
// ends that.
func as(t *testing.T, uid int) func() {
	t.Helper()
	runtime.LockOSThread()
	if _, err := unix.SetfsuidRetUid(uid); err != nil {
		t.Fatal(err)
	}
	return func() {
		if _, err := unix.SetfsuidRetUid(0); err != nil {
			t.Fatal(err)
		}
		runtime.UnlockOSThread()
	}
}
