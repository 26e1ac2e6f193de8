// Package smalldisk gives tests a real file system that is soon full.
package smalldisk

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

// inside is set in the environment of a test that runs in a namespace of its own.
const inside = "OPTGATE_TEST_SMALLDISK"

// Disk is a file system of its own, in memory, that goes with the test.
type Disk struct {
	// Dir is where it is.
	Dir string

	t testing.TB
}

// Run runs a test with a disk of that many bytes. Where it may not mount one, the
// test runs once more, as a process that is root in namespaces of its own; it
// fails where that is not allowed either.
func Run(t *testing.T, size int64, test func(*testing.T, *Disk)) {
	t.Helper()
	dir := t.TempDir()
	err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "mode=0700,size="+strconv.FormatInt(size, 10))
	switch {
	case err == nil:
		t.Cleanup(func() {
			if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
				t.Errorf("smalldisk: unmount: %v", err)
			}
		})
		test(t, &Disk{dir, t})
	case os.Getenv(inside) != "":
		t.Fatalf("smalldisk: mount: %v", err)
	default:
		again(t, err)
	}
}

// again runs the test in namespaces of its own.
func again(t *testing.T, mountErr error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), inside+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("smalldisk: mounting said %v; in a user namespace: %v (run the tests as root, or allow user namespaces)\n%s", mountErr, err, out)
	}
}

// Fill writes a file that leaves no room, and returns what removes it.
func (d *Disk) Fill() (empty func()) {
	d.t.Helper()
	name := filepath.Join(d.Dir, "ballast")
	f, err := os.Create(name)
	if err != nil {
		d.t.Fatalf("smalldisk: fill: %v", err)
	}
	defer func() { _ = f.Close() }() // what was written is of no interest
	for b := make([]byte, 4096); ; {
		if _, err := f.Write(b); errors.Is(err, syscall.ENOSPC) {
			break
		} else if err != nil {
			d.t.Fatalf("smalldisk: fill: %v", err)
		}
	}
	return func() {
		d.t.Helper()
		if err := os.Remove(name); err != nil {
			d.t.Errorf("smalldisk: make room: %v", err)
		}
	}
}
